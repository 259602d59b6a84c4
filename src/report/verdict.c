/* The public function for the report's first sentence alone. */
#include "base/error.h"
#include "base/memory.h"
#include "report/document.h"

#include <standin/standin.h>
#include <stdlib.h>

int standin_documents_verdict(char **out, const char *const *documents, int count)
{
    json_t *first[DOCUMENT_KINDS] = {NULL};
    int status = 0;
    *out = NULL;
    for (int i = 0; status == 0 && i < count; i++) {
        json_t *json;
        enum document_kind kind;
        status = document_read(&json, &kind, documents[i]);
        if (status == 0 && !first[kind])
            first[kind] = json;
        else if (status == 0)
            json_decref(json);
    }
    char *sentence =
        status == 0 ? document_verdict(&status, first[DOCUMENT_UTILITY], first[DOCUMENT_EVALUATION]) : NULL;
    if (status == 0)
        *out = sentence ? sentence : text_copy("");
    for (int i = 0; i < DOCUMENT_KINDS; i++)
        json_decref(first[i]);
    return status < 0 ? status : *out ? 0 : STATUS_MEMORY;
}
