/* SPDX-License-Identifier: ISC */
/* redis_functions.h - conf/redis/mta_sts.lua as part of the program. redis_functions.c is made of it by the build. */
#ifndef STSCTL_STATS_REDIS_FUNCTIONS_H
#define STSCTL_STATS_REDIS_FUNCTIONS_H

extern const char redis_functions_name[];
extern const char redis_functions_text[];

#endif
