/* standin info: what is in a file. */
#include "arguments.h"
#include "console.h"

#include <string.h>

int command_info(const struct arguments *arguments)
{
    char *text;
    const int status = standin_info(&text, arguments->path, arguments->json);
    if (status < 0)
        return library_error(status);
    const size_t length = strlen(text);
    printf("%s%s", text, length > 0 && text[length - 1] == '\n' ? "" : "\n");
    standin_text_free(text);
    return EXIT_GOOD;
}
