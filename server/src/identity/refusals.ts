/** Why identity may refuse. No status, number or wording: a contract owns those. */
export type IdentityRefusal =
  | { code: 'identity.not-signed-in' }
  | { code: 'identity.wrong-credentials' } // unknown name, wrong password: nobody learns which
  | { code: 'identity.customer-not-found' } // or somebody else's: nobody learns which
  | { code: 'identity.username-is-an-email' } // of somebody else: it would sign in as two people
  | { code: 'identity.already-used'; fields: readonly NameField[] }
  | { code: 'identity.password-too-weak'; reasons: readonly PasswordWeakness[] }
  | { code: 'identity.too-many-tries'; retryAfterSeconds: number }
  | { code: 'identity.busy'; retryAfterSeconds: number } // more sign-ins at once than hashing can bear

export type NameField = 'username' | 'email'

export type PasswordWeakness =
  | { weakness: 'too-short'; min: number }
  | { weakness: 'too-long'; max: number }
  | { weakness: 'too-common' }
  | { weakness: 'too-similar'; field: 'username' | 'email' | 'first_name' }
