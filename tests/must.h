/* Calls that a test needs to succeed, or to be refused: what they say is the test's message otherwise. Include after
 * cmocka.h. */
#ifndef TEST_MUST_H
#define TEST_MUST_H

#include <standin/standin.h>

#include <string.h>

#define must(CALL)                                                                                                    \
    do {                                                                                                              \
        if ((CALL) < 0)                                                                                               \
            fail_msg("%s: %s", #CALL, standin_error_message());                                                       \
    } while (0)

/* Refused as input that makes no sense, with these words in the message. */
#define refuses(CALL, WORDS)                                                                                          \
    do {                                                                                                              \
        assert_int_equal(CALL, STANDIN_INPUT);                                                                        \
        if (!strstr(standin_error_message(), WORDS))                                                                  \
            fail_msg("'%s' does not say '%s'", standin_error_message(), WORDS);                                       \
    } while (0)

#endif
