/* SPDX-License-Identifier: ISC */
/* screen.c - ncurses, signals and keys. Knows nothing of what is shown. */
#include "config.h"

#include "stsctl/overview/screen.h"

#include <curses.h>
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "stsctl/terminal/terminal.h"

struct screen {
	SCREEN *terminal;
	int signals;			/* a signalfd */
	sigset_t before;		/* the signal mask of the caller */
	int signal;			/* the signal that screen_wait returned for; 0: none */
	bool utf8;
};

bool
screen_is_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

/* Blocks the signals: they stay in the signalfd until it is read. */
static bool
take_signals(struct screen *screen)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	if (sigprocmask(SIG_BLOCK, &set, &screen->before) != 0)
		return false;
	screen->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (screen->signals >= 0)
		return true;
	(void)sigprocmask(SIG_SETMASK, &screen->before, NULL);
	return false;
}

/* If the environment's locale is not installed, each bar would become three strange characters. */
static void
take_locale(struct screen *screen)
{
	screen->utf8 = setlocale(LC_CTYPE, "") != NULL && MB_CUR_MAX > 1 && terminal_is_utf8();
}

struct screen *
screen_open(void)
{
	struct screen *screen = calloc(1, sizeof(*screen));

	if (screen == NULL || !take_signals(screen)) {
		free(screen);
		return NULL;
	}
	take_locale(screen);
	/* initscr() would end the process if TERM is unknown */
	if ((screen->terminal = newterm(NULL, stdout, stdin)) == NULL) {
		close(screen->signals);
		(void)sigprocmask(SIG_SETMASK, &screen->before, NULL);
		free(screen);
		return NULL;
	}
	(void)cbreak();
	(void)noecho();
	(void)nonl();
	(void)keypad(stdscr, TRUE);
	(void)nodelay(stdscr, TRUE);
	(void)curs_set(0);
	return screen;
}

void
screen_close(struct screen **screen)
{
	struct screen *s = *screen;
	int number;

	if (s == NULL)
		return;
	number = s->signal;
	(void)curs_set(1);
	(void)endwin();
	delscreen(s->terminal);
	close(s->signals);
	if (number != 0) {
		(void)signal(number, SIG_DFL);
		(void)raise(number);
	}
	(void)sigprocmask(SIG_SETMASK, &s->before, NULL);
	free(s);
	*screen = NULL;
}

void
screen_size(const struct screen *screen, size_t *width, size_t *height)
{
	int rows = getmaxy(stdscr), columns = getmaxx(stdscr);

	(void)screen;
	*width = columns > 0 ? (size_t)columns : 1;
	*height = rows > 0 ? (size_t)rows : 1;
}

bool
screen_is_utf8(const struct screen *screen)
{
	return screen->utf8;
}

/* No colours: bold and reverse video exist on every terminal. */
static attr_t
attribute_of(enum top_frame_style style)
{
	static const attr_t attributes[] = {
		[TOP_FRAME_PLAIN] = A_NORMAL,
		[TOP_FRAME_TITLE] = A_REVERSE,
		[TOP_FRAME_HEAD] = A_BOLD | A_UNDERLINE,
		[TOP_FRAME_WARNING] = A_BOLD,
	};

	return attributes[style];
}

/* The last cell of the last line cannot be written without scrolling, which is off: addstr returns ERR, and nothing else happens. */
void
screen_draw(struct screen *screen, const struct top_frame *frame)
{
	(void)screen;
	(void)erase();
	for (size_t i = 0; i < frame->count; i++) {
		if (move((int)i, 0) == ERR)
			break;
		(void)attrset((int)attribute_of(frame->lines[i].style));
		(void)addstr(frame->lines[i].text);
	}
	(void)attrset((int)A_NORMAL);
	(void)refresh();
}

static enum screen_event
event_of_key(int key)
{
	switch (key) {
	case 'q':
	case 'Q':
		return SCREEN_QUIT;
	case 's':
	case '\t':
	case KEY_RIGHT:
	case KEY_DOWN:
		return SCREEN_NEXT;
	case 'S':
	case KEY_LEFT:
	case KEY_UP:
		return SCREEN_PREVIOUS;
	default:
		/* KEY_RESIZE; any other key redraws the screen, as ^L should */
		return SCREEN_RESIZED;
	}
}

static bool
take_signal(struct screen *screen)
{
	struct signalfd_siginfo info;

	if (read(screen->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return false;
	screen->signal = (int)info.ssi_signo;
	return true;
}

enum screen_event
screen_wait(struct screen *screen, int64_t timeout_ms)
{
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = screen->signals, .events = POLLIN } };
	int key = getch(), n;

	if (key != ERR)
		return event_of_key(key);
	n = poll(fds, 2, timeout_ms > INT32_MAX ? INT32_MAX : (int)timeout_ms);
	if (n < 0)
		return errno == EINTR ? SCREEN_RESIZED : SCREEN_QUIT;	/* SIGWINCH, or resumed after a stop */
	if (take_signal(screen))
		return SCREEN_QUIT;
	if ((fds[0].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
		return SCREEN_QUIT;
	if ((fds[0].revents & POLLIN) == 0)
		return SCREEN_TIME;
	/* readable, but nothing to read: the terminal is gone */
	if (ioctl(STDIN_FILENO, FIONREAD, &n) != 0 || n == 0)
		return SCREEN_QUIT;
	return event_of_key(getch());
}
