/* SPDX-License-Identifier: ISC */
/*
 * heap_size.c - preloaded into a program: each second, writes how many bytes malloc has handed out, in all arenas, to the file named by
 * HEAP_SIZE_FILE. The rest of resident memory is what malloc keeps, and that follows the highest use so far.
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
