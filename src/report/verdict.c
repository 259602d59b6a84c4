/* The public function for the report's first sentence alone. */
#include "base/error.h"
#include "base/memory.h"
#include "report/document.h"

#include <standin/standin.h>

int standin_documents_verdict(char **out, const char *const *documents, int count)
{
    struct document_list list = {0};
    int status = 0;
    *out = NULL;
    for (int i = 0; status == 0 && i < count; i++)
        status = document_list_read(&list, documents[i]);
    char *sentence = status == 0 ? document_verdict(&status, document_list_first(&list, DOCUMENT_UTILITY),
                                                    document_list_first(&list, DOCUMENT_EVALUATION))
                                 : NULL;
    if (status == 0)
        *out = sentence ? sentence : text_copy("");
    document_list_free(&list);
    return status < 0 ? status : *out ? 0 : STATUS_MEMORY;
}
