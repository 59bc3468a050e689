/* SPDX-License-Identifier: ISC */
/* settings_edit.h - one setting of a settings file changed, everything else left as it is, comments too. Pure. Any thread. */
#ifndef STSCTL_SETUP_SETTINGS_EDIT_H
#define STSCTL_SETUP_SETTINGS_EDIT_H

/* The text in which name has the value: in the place where it is set, its continuation lines gone; else at the end. The caller
 * frees it. NULL when memory ran out. text, name and value are without NUL; value is one line. */
char *settings_edit(const char *text, const char *name, const char *value);

#endif
