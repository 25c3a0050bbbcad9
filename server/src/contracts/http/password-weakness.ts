import type { PasswordWeakness } from '../../identity/index.ts'

/** Why a password will not do, in the words of Django, which the clients of two contracts know. */
export function weaknessText(reason: PasswordWeakness): string {
  switch (reason.weakness) {
    case 'too-short':
      return `This password is too short. It must contain at least ${reason.min} characters.`
    case 'too-long':
      return `Ensure this field has no more than ${reason.max} characters.`
    case 'too-common':
      return 'This password is too common.'
    case 'too-similar':
      return `The password is too similar to the ${reason.field.replace('_', ' ')}.`
  }
}
