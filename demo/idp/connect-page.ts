/** Where changes are sent: what an administrator enters at an identity provider for SCIM. */
import { html } from 'hono/html'
import { CONNECT_PATH, DIRECTORY_PATH, idpPage } from './layout.ts'

export interface ConnectPage {
  /** null: none was entered yet. */
  readonly baseUrl: string | null
  readonly typed: string
  /** Why what was entered was not taken; null: nothing was. */
  readonly problem: string | null
}

export const connectPage = ({ baseUrl, typed, problem }: ConnectPage): Promise<Response> =>
  idpPage({
    status: problem === null ? 200 : 422,
    title: 'Where changes are sent',
    path: null,
    siteUrl: null,
    shape: 'sheet',
    body: html`${
        problem === null
          ? ''
          : html`<section class="notice bad" role="alert">
              <h2>Not connected</h2>
              <p>${problem} Nothing has changed here.</p>
            </section>`
      }
      <section class="card">
        <p class="lead">
          ${
            baseUrl === null
              ? 'Make a token in the console of Gatehouse, on the page of the directory, which also has the address.'
              : html`Changes are sent to <code>${baseUrl}</code>. To replace the token: make another
                  in the console, enter it here, then revoke the old one.`
          }
        </p>
        <form method="post" action="${CONNECT_PATH}">
          ${
            baseUrl === null
              ? html`<div class="field">
                  <label for="baseUrl">SCIM base URL</label>
                  <input id="baseUrl" name="baseUrl" type="url" required value="${typed}" />
                </div>`
              : ''
          }
          <div class="field">
            <label for="token">Token</label>
            <input id="token" name="token" type="password" required autocomplete="off" />
          </div>
          <button class="button">${baseUrl === null ? 'Connect' : 'Replace the token'}</button>
        </form>
        <p><a href="${DIRECTORY_PATH}">People and groups</a></p>
      </section>`,
  })
