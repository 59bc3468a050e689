/* SPDX-License-Identifier: ISC */
/*
 * heap_size.c - preloaded into a program: writes every second how many bytes malloc has given out, of all arenas, to the file that
 * HEAP_SIZE_FILE names. What is resident besides is what malloc keeps, and that is the most that there ever was.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *
watch(void *path)
{
	for (;;) {
		struct mallinfo2 info = mallinfo2();
		FILE *file = fopen(path, "w");

		if (file != NULL) {
			fprintf(file, "%zu\n", info.uordblks + info.hblkhd);
			(void)fclose(file);
		}
		(void)sleep(1);
	}
	return NULL;
}

__attribute__((constructor)) static void
begin(void)
{
	char *path = getenv("HEAP_SIZE_FILE");
	pthread_t thread;

	if (path != NULL && pthread_create(&thread, NULL, watch, path) == 0)
		(void)pthread_detach(thread);
}
