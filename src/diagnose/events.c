/* Where the same thing stands in the event logs of Windows: the classic Security log of NT 4.0 to
 * Server 2003 (Q174073, Q174074) and the modern one; of Entra Connect the events that its page
 * names. People who read logs and people who read the wire meet here. */
#include <string.h>

#include "diagnose/tell.h"

struct event_line {
    const char *rule_id; /* NULL: any rule, when the fact holds */
    enum fact fact;
    const char *text;
};

static const struct event_line event_lines[] = {
    {"adsync-service-account", FACT_ACCOUNT_ADSYNC,
     "System 7038 and error 1069 on the Entra Connect server: the Service Control Manager still "
     "has the old password of the service"},
    {"adsync-service-account", FACT_ACCOUNT_ADSYNC,
     "Application 6028 on the Entra Connect server: the encryption key cannot be read any more"},
    {NULL, FACT_BAD_CREDENTIALS,
     "Security 529 (since Vista 4625) on the server that refused it: failed logon; the sub status "
     "of 4625 tells a wrong password (0xC000006A) from a wrong name (0xC0000064)"},
    {NULL, FACT_LOCKED_OUT,
     "Security 539 (since Vista 4625, sub status 0xC0000234) on the server that refused it: logon "
     "to a locked account"},
    {NULL, FACT_LOCKED_OUT,
     "Security 644 (since Vista 4740) where the account database is: account locked out"},
    {NULL, FACT_SERVER_DC,
     "Security 680 and 681 (since Vista 4776; Kerberos 4771) on the domain controller: failed "
     "check "
     "of a password"},
    {NULL, FACT_DISABLED,
     "Security 531 (since Vista 4625, sub status 0xC0000072): account disabled"},
    {NULL, FACT_ACCOUNT_EXPIRED,
     "Security 532 (since Vista 4625, sub status 0xC0000193): account expired"},
    {NULL, FACT_PASSWORD_EXPIRED,
     "Security 535 (since Vista 4625, sub status 0xC0000071): password expired"},
    {NULL, FACT_BAD_HOURS,
     "Security 530 (since Vista 4625, sub status 0xC000006F): outside the permitted hours"},
    {NULL, FACT_BAD_WORKSTATION,
     "Security 533 (since Vista 4625, sub status 0xC0000070): workstation not permitted"},
    {NULL, FACT_LOGON_TYPE_DENIED,
     "Security 534 (since Vista 4625, sub status 0xC000015B): logon type not granted"},
    {NULL, FACT_RESTRICTION,
     "Security 4625, sub status 0xC000006E: account restriction (classic: 537)"},
    {NULL, FACT_NTLM_BLOCKED, "NTLM/Operational 4001 to 4004 and 8001 to 8004: NTLM blocked"},
};

unsigned tell_windows_events(const struct rule *rule, const struct facts *facts,
                             const char *out[TELL_EVENTS]) {
    unsigned count = 0;
    for (size_t i = 0; i < sizeof event_lines / sizeof *event_lines && count < TELL_EVENTS; i++) {
        const struct event_line *line = event_lines + i;
        bool is_meant = !line->rule_id || strcmp(line->rule_id, rule->id) == 0;
        if (is_meant && facts_have(facts, line->fact))
            out[count++] = line->text;
    }
    return count;
}
