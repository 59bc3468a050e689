/* SPDX-License-Identifier: ISC */
/* settings_edit.h - changes one setting in the text of a settings file; everything else stays, comments too. Pure. Any thread. */
#ifndef STSCTL_SETUP_SETTINGS_EDIT_H
#define STSCTL_SETUP_SETTINGS_EDIT_H

/* Returns the text with the new value: where the setting was, without its continuation lines; else at the end. The caller frees it. NULL
 * when memory ran out. value is one line. */
char *settings_edit(const char *text, const char *name, const char *value);

#endif
