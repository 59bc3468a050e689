/* SPDX-License-Identifier: ISC */
/* world.c - runs servers.py as a child, with pipes to its standard input and output. It ends when its input is closed. */
#include "config.h"

#include "tests/net/world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
run_child(const char *program, const int in[2], const int out[2])
{
	dup2(in[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
	execl("/usr/bin/python3", "python3", program, (char *)NULL);
	_exit(127);
}

/* Reads one line of its output. Not 0 if the line says that the servers are ready. */
static int
read_line(struct world *world, const char *line)
{
	sscanf(line, "https %u", &world->https);
	sscanf(line, "dns %u", &world->dns);
	sscanf(line, "hole %u", &world->hole);
	sscanf(line, "quirks %u", &world->quirks);
	sscanf(line, "ca %255s", world->ca);
	return strcmp(line, "ready\n") == 0;
}

int
world_start(struct world *world, const char *program)
{
	int in[2], out[2];
	char line[512];

	memset(world, 0, sizeof(*world));
	if (pipe(in) != 0 || pipe(out) != 0)
		return 1;
	fflush(NULL);
	world->pid = fork();
	if (world->pid == 0)
		run_child(program, in, out);
	close(in[0]);
	close(out[1]);
	world->to = fdopen(in[1], "w");
	world->from = fdopen(out[0], "r");
	while (fgets(line, sizeof(line), world->from) != NULL) {
		if (read_line(world, line))
			return 0;
	}
	return world_stop(world) == 77 ? 77 : 1;
}

int
world_stop(struct world *world)
{
	int status = 0;

	fclose(world->to);
	while (fgetc(world->from) != EOF)
		continue;
	fclose(world->from);
	if (waitpid(world->pid, &status, 0) != world->pid || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}

long
world_count(struct world *world)
{
	char line[64];

	fputs("count\n", world->to);
	fflush(world->to);
	if (fgets(line, sizeof(line), world->from) == NULL)
		return -1;
	return strtol(line, NULL, 10);
}
