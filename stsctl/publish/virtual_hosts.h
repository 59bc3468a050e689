/* SPDX-License-Identifier: ISC */
/*
 * publish/virtual_hosts.h - virtual hosts for Apache 2.4 and nginx that serve a domain's policy: over HTTP a redirect and certbot's
 * challenges; over HTTPS the policy and nothing else.
 *
 * They are two files, because a web server cannot load the second one before there is a certificate. Whatever a spec holds can be
 * printed as it is (plan/spec.h). Writes to the stream given, and nothing else. Any thread.
 */
#ifndef STSCTL_PUBLISH_VIRTUAL_HOSTS_H
#define STSCTL_PUBLISH_VIRTUAL_HOSTS_H

#include <stdio.h>

#include "stsctl/plan/spec.h"

#define PUBLISH_POLICY_PATH "/.well-known/mta-sts.txt"

void publish_apache_http(const struct publish_domain *domain, FILE *to);
void publish_apache_https(const struct publish_domain *domain, FILE *to);
void publish_nginx_http(const struct publish_domain *domain, FILE *to);
void publish_nginx_https(const struct publish_domain *domain, FILE *to);

/* The command that obtains the certificate once the first file is loaded: one line, without a newline. */
void publish_certbot(const struct publish_domain *domain, FILE *to);

#endif
