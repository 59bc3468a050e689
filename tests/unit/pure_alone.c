/* SPDX-License-Identifier: ISC */
/* pure_alone.c - linked with all of libsts.a and none of what only the other half may know. That it links is the test. */
int
main(void)
{
	return 0;
}
