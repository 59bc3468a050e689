-- SPDX-License-Identifier: ISC
-- /etc/rspamd/rspamd.local.lua. If there is one already, append this to it. These are all settings of mta-sts-milter's rule.
dofile(rspamd_paths['LOCAL_CONFDIR'] .. '/mta_sts.lua') {
  -- The milter's authserv_id: a field with another host= is not believed. Empty: this machine's host name, which is what an
  -- empty authserv_id means to the milter too.
  authserv_id = "",
  -- A file with the same key as the milter's header_key_file: a field that is not signed with it is not believed.
  -- Empty: signatures are not looked at.
  header_key_file = "",
}
