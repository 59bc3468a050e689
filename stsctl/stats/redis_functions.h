/* SPDX-License-Identifier: ISC */
/* redis_functions.h - the text of conf/redis/mta_sts.lua. The build makes redis_functions.c from it. */
#ifndef STSCTL_STATS_REDIS_FUNCTIONS_H
#define STSCTL_STATS_REDIS_FUNCTIONS_H

extern const char redis_functions_name[];
extern const char redis_functions_text[];

#endif
