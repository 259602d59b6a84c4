/* A generator for the rooms inside the library. Everything else about it is in the public header. */
#ifndef TRAIN_GENERATOR_H
#define TRAIN_GENERATOR_H

#include <standin/standin.h>

/* Where it was opened: a run's folder or a file. Belongs to the generator. */
const char *generator_path(const standin_generator *generator);

#endif
