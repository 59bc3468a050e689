/* SPDX-License-Identifier: ISC */
/* fuzz_weakhello.c - any bytes as a server's answer to weak ciphers. More bytes never change what was decided. */
#include "config.h"

#include "stsctl/probe/legacy_tls_probe.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct weak_cipher *cipher, *before = NULL;
	enum weakhello_answer answer = WEAKHELLO_MORE;

	for (size_t len = 0; len <= size && len <= WEAKHELLO_ANSWER_MAX + 8; len++) {
		enum weakhello_answer now = weakhello_read(data, len, &cipher);

		MUST((now == WEAKHELLO_CHOSEN) == (cipher != NULL));
		MUST(answer == WEAKHELLO_MORE || (now == answer && cipher == before));
		MUST(now != WEAKHELLO_MORE || len < WEAKHELLO_ANSWER_MAX);
		answer = now;
		before = cipher;
	}
	return 0;
}
