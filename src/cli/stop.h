/* Ctrl-C and the request to terminate: the first asks, the second ends the program at once. */
#ifndef CLI_STOP_H
#define CLI_STOP_H

void stop_listen(void);

/* Non-zero once somebody has asked. */
int stop_wanted(void);

#endif
