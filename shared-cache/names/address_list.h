/* SPDX-License-Identifier: ISC */
/*
 * address_list.h - a list of mail addresses from the settings, and whether a forward-path is one of them.
 *
 * An element is LOCAL-PART@DOMAIN, or a LOCAL-PART alone, which matches at any domain, as postmaster does.
 * Pure. One thread while it is filled, any thread afterwards.
 */
#ifndef STS_NAMES_ADDRESS_LIST_H
#define STS_NAMES_ADDRESS_LIST_H

#include <stddef.h>

#include "shared-cache/base/status.h"

enum { STS_ADDRESS_LOCAL_CAP = 65, STS_ADDRESSES_MAX = 1000 };

struct sts_address_list;

enum sts_status sts_address_list_new(struct sts_address_list **out);
void sts_address_list_free(struct sts_address_list **list);

/* STS_EINVAL: text is not such an element; STS_EFULL: the list has STS_ADDRESSES_MAX of them. */
enum sts_status sts_address_list_add(struct sts_address_list *list, const char *text, size_t len);

/* The local part of the element that matches this forward-path (as Postfix passes it), or NULL; valid as long as the list. list may
 * be NULL. Case and quoting of the local part do not matter. */
const char *sts_address_list_find(const struct sts_address_list *list, const char *path, size_t len);

/* The same for recipients whose mail is never refused: also matches role accounts (sts_mailbox_role). */
const char *sts_address_list_spares(const struct sts_address_list *list, const char *path, size_t len);

#endif
