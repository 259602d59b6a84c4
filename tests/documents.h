/* Documents made by hand, of every kind that there is: what a good run on vehicles could have said. */
#ifndef TEST_DOCUMENTS_H
#define TEST_DOCUMENTS_H

extern const char evaluation_document[], utility_document[], augmentation_document[], estimate_document[],
    selection_document[];

#endif
