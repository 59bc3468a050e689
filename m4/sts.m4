# SPDX-License-Identifier: ISC
# Macros of mta-sts-milter's own: compiler flags that are tried before they are used, libraries that are all named when missing.

# STS_TRY_CFLAG(FLAG): appends FLAG to STS_CFLAGS when the compiler knows it.
AC_DEFUN([STS_TRY_CFLAG], [
  AC_MSG_CHECKING([whether $CC knows $1])
  save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $1"
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
    [STS_CFLAGS="$STS_CFLAGS $1"; AC_MSG_RESULT([yes])], [AC_MSG_RESULT([no])])
  CFLAGS=$save_CFLAGS
])

# STS_TRY_LDFLAG(FLAG): the same for the linker.
AC_DEFUN([STS_TRY_LDFLAG], [
  AC_MSG_CHECKING([whether the linker knows $1])
  save_LDFLAGS=$LDFLAGS
  LDFLAGS="$LDFLAGS $1"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
    [STS_LDFLAGS="$STS_LDFLAGS $1"; AC_MSG_RESULT([yes])], [AC_MSG_RESULT([no])])
  LDFLAGS=$save_LDFLAGS
])

# STS_REQUIRE_FLAGS(FLAGS): stops when a program cannot be built with them.
AC_DEFUN([STS_REQUIRE_FLAGS], [
  save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS $1"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [],
    [AC_MSG_ERROR([$CC cannot build with $1])])
  CFLAGS=$save_CFLAGS
])

AC_DEFUN([STS_WARNINGS], [
  STS_CFLAGS="-std=c11 -Wall -Wextra"
  for flag in -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
      -Wpointer-arith -Wwrite-strings -Wundef; do
    STS_TRY_CFLAG([$flag])
  done
])

# STS_TRY_AUTO_VAR_INIT: -ftrivial-auto-var-init=zero, where the compiler clears what is not initialised and nothing else. GCC 12 takes
# the padding behind an array of structs for being at its beginning, and clears two bytes of its first element.
AC_DEFUN([STS_TRY_AUTO_VAR_INIT], [
  AC_MSG_CHECKING([whether $CC knows -ftrivial-auto-var-init=zero, and spares what is initialised])
  save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror -ftrivial-auto-var-init=zero"
  AC_RUN_IFELSE([AC_LANG_SOURCE([[
struct element { char text[62]; unsigned short number; };
struct inner { int kind; char text[6]; unsigned short number; char name[2]; struct element list[8]; int count; };
struct middle { struct inner inner; const char *text; };
struct outer { struct { const char *text; char byte; } first; struct middle middle; };
static struct middle make(const struct inner *inner) { return (struct middle){ .inner = *inner, .text = "" }; }
static int look(const struct outer *p) { return p->middle.inner.list[0].text[0] == 1 && p->middle.inner.list[0].text[1] == 2; }
static int go(const struct inner *inner) {
  const struct outer p = { .first = { "", 1 }, .middle = make(inner) };
  return look(&p);
}
int main(void) { struct inner inner = { .list = { { { 1, 2 }, 3 } }, .count = 1 }; return go(&inner) ? 0 : 1; }
]])], [STS_CFLAGS="$STS_CFLAGS -ftrivial-auto-var-init=zero"; AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])], [AC_MSG_RESULT([not tried: another machine's])])
  CFLAGS=$save_CFLAGS
])

AC_DEFUN([STS_HARDENING], [
  for flag in -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE; do
    STS_TRY_CFLAG([$flag])
  done
  STS_TRY_AUTO_VAR_INIT
  # _FORTIFY_SOURCE means nothing, and warns, without optimisation.
  AS_CASE([" $CFLAGS "], [*" -O0 "*], [], [*" -O"*], [STS_CFLAGS="$STS_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"])
  for flag in -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed; do
    STS_TRY_LDFLAG([$flag])
  done
])

# STS_LIBRARY(VAR, PKG-CONFIG SPEC, DEBIAN PACKAGE)
AC_DEFUN([STS_LIBRARY], [
  PKG_CHECK_MODULES([$1], [$2], [], [missing="$missing
    $2 (Debian: $3)"])
])

# STS_HEADER(HEADER, DEBIAN PACKAGE)
AC_DEFUN([STS_HEADER], [
  AC_CHECK_HEADER([$1], [], [missing="$missing
    $1 (Debian: $2)"])
])

# -pthread is what both gcc and clang want, for compiling and for linking.
AC_DEFUN([STS_PTHREAD], [
  STS_REQUIRE_FLAGS([-pthread])
  STS_CFLAGS="$STS_CFLAGS -pthread"
  STS_LDFLAGS="$STS_LDFLAGS -pthread"
])
