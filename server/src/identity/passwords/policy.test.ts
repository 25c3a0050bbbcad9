import { expect, test } from 'vitest'
import { decidePassword, type PasswordPolicy } from './policy.ts'

const anna = { username: 'anna.kowalska', email: 'ankow1986@example.com', firstName: 'Anna' }

/** What the policy holds against the password. */
async function weaknesses(policy: PasswordPolicy, password: string, person = anna): Promise<unknown[]> {
  try {
    await decidePassword(policy, password, person)
    return []
  } catch (error) {
    const { refusal } = error as { refusal: { code: string; reasons: unknown[] } }
    expect(refusal.code).toBe('identity.password-too-weak')
    return refusal.reasons
  }
}

test("under the documented policy the contracts' own passwords pass, and four characters do not", async () => {
  expect(await weaknesses('documented', '12345')).toEqual([])
  expect(await weaknesses('documented', 'obiwansux')).toEqual([])
  expect(await weaknesses('documented', '1234')).toEqual([{ weakness: 'too-short', min: 5 }])
})

test('characters are counted, not bytes: four emoji are four', async () => {
  expect(await weaknesses('documented', '😀😀😀😀')).toEqual([{ weakness: 'too-short', min: 5 }])
  expect(await weaknesses('documented', '😀'.repeat(256))).toEqual([])
  expect(await weaknesses('documented', '😀'.repeat(257))).toEqual([{ weakness: 'too-long', max: 256 }])
})

test('under the strong policy ten characters that nobody else uses pass', async () => {
  expect(await weaknesses('strong', 'tygrys-je9')).toEqual([])
  expect(await weaknesses('strong', 'tygrys-je')).toEqual([{ weakness: 'too-short', min: 10 }])
})

test('under the strong policy common passwords are refused in any case, with blanks around them too', async () => {
  expect(await weaknesses('strong', '1234567890')).toEqual([{ weakness: 'too-common' }])
  expect(await weaknesses('strong', ' QwertyUIOP ')).toEqual([{ weakness: 'too-common' }])
})

test('under the strong policy all that is wrong is told at once', async () => {
  expect(await weaknesses('strong', '12345')).toEqual([{ weakness: 'too-short', min: 10 }, { weakness: 'too-common' }])
  expect(await weaknesses('strong', 'a'.repeat(257))).toEqual([{ weakness: 'too-long', max: 256 }])
})

test('under the strong policy a password may not be like the username, the e-mail or the first name', async () => {
  const like = (field: string) => ({ weakness: 'too-similar', field })
  expect(await weaknesses('strong', 'xX-KOWALSKA-Xx')).toEqual([like('username')])
  expect(await weaknesses('strong', 'ankow1986!')).toEqual([like('email')])
  expect(await weaknesses('strong', 'anna-na-rowerze')).toEqual([like('username'), like('first_name')])
  expect(await weaknesses('strong', 'ａｎｎａ-na-rowerze')).toEqual([like('username'), like('first_name')])
})

test('under the strong policy the letters of the name in another order are like it, and a piece of it is', async () => {
  const zenobiusz = { username: 'zenobiuszpankracy', email: 'z@example.com', firstName: '' }
  const like = [{ weakness: 'too-similar', field: 'username' }]
  expect(await weaknesses('strong', 'ycarknapzsuibonez', zenobiusz)).toEqual(like)
  expect(await weaknesses('strong', 'nobiuszpan', zenobiusz)).toEqual(like)
  expect(await weaknesses('strong', 'tygrys-je9', zenobiusz)).toEqual([])
})

test('parts of a name with fewer than four characters do not count, nor does the host of an address', async () => {
  const jan = { username: 'jan', email: 'jan@wielkafirma.example', firstName: 'Jan' }
  expect(await weaknesses('strong', 'jan-w-wielkafirma', jan)).toEqual([])
})

test('a person without a first name may take any password that is otherwise strong', async () => {
  await expect(
    decidePassword('strong', 'tygrys-je9', { username: 'anna', email: 'a@example.com' }),
  ).resolves.toBeUndefined()
})
