/* A call that a test needs to succeed: its message is the test's if it does not. Include after cmocka.h. */
#ifndef TEST_MUST_H
#define TEST_MUST_H

#include <standin/standin.h>

#define must(CALL)                                                                                                    \
    do {                                                                                                              \
        if ((CALL) < 0)                                                                                               \
            fail_msg("%s: %s", #CALL, standin_error_message());                                                       \
    } while (0)

#endif
