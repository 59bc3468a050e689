/* SPDX-License-Identifier: ISC */
/* report_document.h - what `report html' and `report mail' have in common: options, and the document. One thread. */
#ifndef STSCTL_REPORT_REPORT_DOCUMENT_H
#define STSCTL_REPORT_REPORT_DOCUMENT_H

#include "stsctl/context/settings.h"
#include "stsctl/page_data/read_data.h"
#include "stsctl/page/document.h"
#include "stsctl/terminal/command.h"

/* --days, --limit and --certificates; now is this moment. CMD_USAGE, said, when one is wrong. */
enum cmd_exit report_document_options(const struct cmd_context *context, size_t days_usual, struct page_data_request *out);

/* Gathers, and writes the document, which is to be given to document_fini whatever comes. What failed has been said. */
enum cmd_exit report_document_make(const struct cmd_context *context, const struct settings_redis *redis,
    const struct page_data_request *request, struct document *out);

#endif
