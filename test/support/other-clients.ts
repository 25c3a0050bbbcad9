import { type Answer, ShopClient } from './shop-client.ts'

/** A client of the whoami contract: an access token in a header, a CSRF token fetched for every change. */
export class WhoamiClient {
  readonly browser: ShopClient
  accessToken: string | undefined

  constructor(baseUrl: string) {
    this.browser = new ShopClient(baseUrl)
  }

  get credentials(): Record<string, string> {
    return this.accessToken ? { 'x-access-token': this.accessToken } : {}
  }

  get(path: string): Promise<Answer> {
    return this.browser.get(path, { headers: this.credentials })
  }

  async csrfToken(): Promise<string> {
    return (await this.get('/api/v1/csrf')).body.token
  }

  async change(method: string, path: string, json: unknown): Promise<Answer> {
    const headers = { ...this.credentials, 'x-csrf-token': await this.csrfToken() }
    return this.browser.request(method, path, { json, headers })
  }

  async signIn(username: string, password: string): Promise<Answer> {
    const answer = await this.change('POST', '/api/v1/auth/login', { username, password })
    this.accessToken = answer.body?.token
    return answer
  }
}

/** A client of the accounts contract: a JWT in a header. */
export class AccountsClient {
  readonly browser: ShopClient
  jwt: string | undefined

  constructor(baseUrl: string) {
    this.browser = new ShopClient(baseUrl)
  }

  request(method: string, path: string, json?: unknown): Promise<Answer> {
    const headers = this.jwt ? { authorization: `JWT ${this.jwt}` } : {}
    return this.browser.request(method, path, { json, headers })
  }

  async signIn(login: string, password: string): Promise<Answer> {
    const answer = await this.request('POST', '/obtain_token/', { login, password })
    this.jwt = answer.body?.token
    return answer
  }
}
