/** Why identity may refuse. No status, number or wording: a contract owns those. */
export type IdentityRefusal =
  | { code: 'identity.not-signed-in' }
  | { code: 'identity.bad-jwt'; problem: 'undecodable' | 'expired' }
  | { code: 'identity.wrong-credentials' } // unknown name, wrong password, blocked: nobody learns which
  | { code: 'identity.session-not-found' } // or somebody else's: nobody learns which
  | { code: 'identity.customer-not-found' } // or somebody else's: nobody learns which
  | { code: 'identity.username-is-an-email' } // of somebody else: it would sign in as two people
  | { code: 'identity.already-used'; fields: readonly NameField[] }
  | { code: 'identity.password-too-weak'; reasons: readonly PasswordWeakness[] }
  | { code: 'identity.bad-token' } // of a mail: unknown, used or expired: nobody learns which
  | { code: 'identity.password-needed' } // to confirm an e-mail that takes the place of another
  | { code: 'identity.too-many-tries'; retryAfterSeconds: number }
  | { code: 'identity.busy'; retryAfterSeconds: number } // more passwords or pictures at once than the machine can bear
  | { code: 'identity.bad-avatar'; problem: AvatarProblem }

export type AvatarProblem = 'too-large' | 'too-many-pixels' | 'not-an-image'

export type NameField = 'username' | 'email'

export type PasswordWeakness =
  | { weakness: 'too-short'; min: number }
  | { weakness: 'too-long'; max: number }
  | { weakness: 'too-common' }
  | { weakness: 'too-similar'; field: 'username' | 'email' | 'first_name' }
