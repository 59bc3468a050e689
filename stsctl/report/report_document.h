/* SPDX-License-Identifier: ISC */
/* report_document.h - shared by `report html' and `report mail': reads their options, and makes the document. One thread. */
#ifndef STSCTL_REPORT_REPORT_DOCUMENT_H
#define STSCTL_REPORT_REPORT_DOCUMENT_H

#include "stsctl/context/settings.h"
#include "stsctl/page_data/read_data.h"
#include "stsctl/page/document.h"
#include "stsctl/terminal/command.h"

/* Reads --days, --limit and --certificates; sets now to the current time. Prints a mistake and returns CMD_USAGE. */
enum cmd_exit report_document_options(const struct cmd_context *context, size_t days_usual, struct page_data_request *out);

/* Reads the data and writes the document. Prints what failed. Call document_fini in any case. */
enum cmd_exit report_document_make(const struct cmd_context *context, const struct settings_redis *redis,
    const struct page_data_request *request, struct document *out);

#endif
