/* SPDX-License-Identifier: ISC */
/* standalone.c - runs a fuzzer over files and directories given as arguments, where there is no libFuzzer. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

enum { INPUT_MAX = 1 << 20 };

static int run_path(const char *path);

static int
run_file(const char *path)
{
	uint8_t *data = malloc(INPUT_MAX), *exact;
	FILE *from = fopen(path, "rb");
	size_t size;

	if (data == NULL || from == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		free(data);
		if (from != NULL)
			fclose(from);
		return 1;
	}
	size = fread(data, 1, INPUT_MAX, from);
	fclose(from);
	/* A block of exactly this size, so that sanitizers see a read one byte too far. */
	exact = realloc(data, size > 0 ? size : 1);
	data = exact != NULL ? exact : data;
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

static int
run_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char inner[4096];
	int failed = dir == NULL;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		failed |= run_path(inner);
	}
	if (dir != NULL)
		closedir(dir);
	return failed;
}

static int
run_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return run_directory(path);
	return run_file(path);
}

int
main(int argc, char **argv)
{
	int failed = argc < 2;

	if (argc < 2)
		fprintf(stderr, "usage: %s FILE|DIRECTORY...\n", argv[0]);
	for (int i = 1; i < argc; i++)
		failed |= run_path(argv[i]);
	return failed;
}
