/* SPDX-License-Identifier: ISC */
/*
 * fuzz.h - what the fuzzers share. A violated property aborts the process, even with NDEBUG.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MUST(property)                                                                  \
	do {                                                                            \
		if (!(property)) {                                                      \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #property); \
			abort();                                                        \
		}                                                                       \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
