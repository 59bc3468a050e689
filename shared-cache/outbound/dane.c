/* SPDX-License-Identifier: ISC */
/* dane.c - judges a domain by its hosts. Knows neither DNS nor mail. */
#include "config.h"

#include "shared-cache/outbound/dane.h"

enum { SHA256_LEN = 32, SHA512_LEN = 64 };

enum sts_dane
sts_dane_judge(const struct sts_dane_facts *facts)
{
	size_t usable = facts->hosts[STS_DANE_HOST_USABLE], unusable = facts->hosts[STS_DANE_HOST_UNUSABLE];
	size_t failed = facts->hosts[STS_DANE_HOST_FAILED];

	if (facts->mx == STS_DANE_MX_FAILED)
		return STS_DANE_UNKNOWN;
	if (facts->mx == STS_DANE_MX_NO_MAIL)
		return STS_DANE_NONE;
	/* Unsigned MX records promise nothing, so a failure takes nothing away. */
	if (usable + unusable == 0)
		return failed > 0 && facts->mx_signed ? STS_DANE_UNKNOWN : STS_DANE_NONE;
	if (!facts->mx_signed)
		return STS_DANE_HALF;
	if (usable == 0)
		return STS_DANE_UNUSABLE;
	return unusable + failed + facts->hosts[STS_DANE_HOST_WITHOUT] == 0 ? STS_DANE_ALL : STS_DANE_SOME;
}

bool
sts_dane_tlsa_usable(const uint8_t head[3], size_t len)
{
	if ((head[0] != 2 && head[0] != 3) || head[1] > 1)
		return false;
	return (head[2] == 0 && len > 0) || (head[2] == 1 && len == SHA256_LEN) || (head[2] == 2 && len == SHA512_LEN);
}

const char *
sts_dane_name(unsigned dane)
{
	static const char *const names[STS_DANES] = {
		[STS_DANE_OFF] = "off", [STS_DANE_PENDING] = "pending", [STS_DANE_NONE] = "none", [STS_DANE_ALL] = "all",
		[STS_DANE_SOME] = "some", [STS_DANE_HALF] = "half", [STS_DANE_UNUSABLE] = "unusable",
		[STS_DANE_UNKNOWN] = "unknown",
	};

	return dane < STS_DANES ? names[dane] : "";
}

const char *
sts_dane_host_name(unsigned host)
{
	static const char *const names[STS_DANE_HOSTS] = {
		[STS_DANE_HOST_DEAD] = "dead", [STS_DANE_HOST_WITHOUT] = "without", [STS_DANE_HOST_UNUSABLE] = "unusable",
		[STS_DANE_HOST_USABLE] = "usable", [STS_DANE_HOST_FAILED] = "failed",
	};

	return host < STS_DANE_HOSTS ? names[host] : "";
}
