/* The words that records have for the enums of the contract. A value outside its enum gives the
 * word for unknown, or NULL where a field is then left out. */
#ifndef SMBLAME_EMIT_WORDS_H
#define SMBLAME_EMIT_WORDS_H

#include <stdint.h>

#include <smblame/diagnosis.h>

const char *words_reason(unsigned reason);        /* enum sbl_reason */
const char *words_mechanism(unsigned mechanism);  /* enum sbl_auth_mechanism */
const char *words_wrapping(unsigned wrapping);    /* enum sbl_auth_wrapping */
const char *words_answer(unsigned answer);        /* enum sbl_ntlm_answer; NULL = no NTLM version */
const char *words_authority(unsigned authority);  /* enum sbl_authority */
const char *words_state(unsigned state);          /* enum sbl_diagnosis_state */
const char *words_culprit(unsigned kind);         /* enum sbl_culprit_kind */
const char *words_basis(unsigned basis);          /* enum sbl_basis; NULL = none */
const char *words_threshold(unsigned source);     /* enum sbl_threshold_source; NULL = unknown */
const char *words_open_command(unsigned command); /* enum sbl_open_command; NULL = unknown */
const char *words_dialect(uint16_t dialect);      /* SMB2 DialectRevision; NULL = not in the list */
const char *words_smb1_command(unsigned command); /* [MS-CIFS] 2.2.2.1; NULL = reserved */
const char *words_smb2_command(unsigned command); /* [MS-SMB2] 2.2.1; NULL = beyond the list */
const char *words_dissector(unsigned dissector);  /* enum sbl_dissector_id */
const char *words_oddity(unsigned oddity);        /* enum sbl_oddity */
const char *words_limit(unsigned limit);          /* enum sbl_limit */

#endif
