/**
 * The form in which usernames and e-mail addresses are compared: NFKC and lower case, so that `Anna`, `anna` and a
 * full-width `ａｎｎａ` are one customer. Stored beside the name as it was written.
 */
export function nameKey(name: string): string {
  // Upper case first: some letters have more than one lower case, such as the sigma at the end of a word.
  return name.normalize('NFKC').toUpperCase().toLowerCase()
}

const USERNAME = /^[\p{L}\p{N}_.@+-]{1,150}$/u

/** Letters, digits and `@ . + - _`, at most 150: the names a Django shop knows. */
export function isUsername(text: string): boolean {
  return USERNAME.test(text)
}

// One @, a dotted host, no white space, nothing invisible: what can be mailed; whether it is read, only a mail can tell.
const EMAIL = /^[^\p{C}\s@"(),:;<>[\\\]]+@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u

/** An e-mail address that could be delivered to; at most 254 characters. */
export function isEmail(text: string): boolean {
  return text.length <= 254 && EMAIL.test(text)
}

/** A username with an @ would sign in as the owner of that address, so it must be one's own. */
export function isNobodyElsesEmail(username: string, email: string): boolean {
  return !username.includes('@') || nameKey(username) === nameKey(email)
}
