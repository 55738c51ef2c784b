/* What is said beside SMB and helps to understand it: who is a domain controller, which NetBIOS
 * names an address owns, why Kerberos refused. Borrowed for the length of the call. */
#ifndef SMBLAME_WITNESS_H
#define SMBLAME_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/observation.h>
#include <smblame/segment.h>

enum sbl_witness_kind {
    SBL_WITNESS_KERBEROS_SERVER = 0, /* `server` answered on port 88 */
    SBL_WITNESS_LDAP_SERVER,         /* `server` answered on port 389, 636, 3268 or 3269 */
    SBL_WITNESS_NETBIOS_NAME,   /* `server` owns `name` (NBNS registration, answer, or NBSTAT) */
    SBL_WITNESS_KERBEROS_ERROR, /* `server` told `client` a KRB-ERROR */
    SBL_WITNESS_KIND_COUNT
};

/* `server` and `client` have address, port and (when has_mac) MAC. The first two kinds are told
 * once per address for every so many packets, not for each packet. */
struct sbl_witness {
    enum sbl_witness_kind kind;
    int64_t time_ns;
    uint8_t ip_version;
    bool has_mac;
    struct sbl_endpoint server, client;
    struct sbl_netbios_name name; /* NETBIOS_NAME: suffix 1C/1B say domain controller/master */
    bool is_group_name;
    int32_t error_code;               /* KERBEROS_ERROR, RFC 4120 7.5.9 */
    struct sbl_text principal, realm; /* KERBEROS_ERROR: cname, crealm (or realm), when there */
    struct sbl_text service;          /* KERBEROS_ERROR: sname, components joined by / */
};

#endif
