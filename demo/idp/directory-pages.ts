/** The people and groups of the identity provider: all of them on one page, and a page for each. */
import { html } from 'hono/html'
import type { Html } from '../page.ts'
import { nameOf, type Profile } from '../people.ts'
import type { Account, Group } from './directory.ts'
import { boundOf, logOf, noticeOf } from './exchange-view.ts'
import type { GuardedSite } from './pages.ts'
import { deactivatedChip, DIRECTORY_PATH, idpPage, initialsOf } from './layout.ts'
import type { Exchange } from './scim-client.ts'

export interface View {
  readonly status: number
  /** The change that led to this page; null: none did. */
  readonly latest: Exchange | null
  readonly basePath: string
  readonly revocationSeconds: number
}

export interface DirectoryPage extends View {
  readonly site: GuardedSite
  readonly people: readonly { readonly account: Account; readonly groups: readonly Group[] }[]
  readonly groups: readonly Group[]
  readonly exchanges: readonly Exchange[]
  /** The typed name of a group that could not be added. */
  readonly typedName: string
}

export const directoryPage = (page: DirectoryPage): Promise<Response> =>
  directoryLayout(page, 'People and groups', true, [
    html`<section class="card steps">
        <h2>See somebody lose access</h2>
        <ol>
          <li>
            In another window, beside this one, sign in as Ada and stay on
            ${
              page.site.isDemos
                ? html`<a href="${page.site.url}/live" target="_blank" rel="noopener">
                    the live stream</a
                  >`
                : html`<a href="${page.site.url}/" target="_blank" rel="noopener">your site</a>`
            }
            (opens a new window).
          </li>
          <li>
            Deactivate Ada here. Within ${boundOf(page)} every page refuses her, and her open stream
            ends.
          </li>
          ${
            page.site.isDemos
              ? html`<li>
                  Or take her out of <em>engineering</em>:
                  <a href="${page.site.url}/engineering" target="_blank" rel="noopener">its page</a>
                  (opens a new window) closes to her, the others stay open.
                </li>`
              : ''
          }
        </ol>
      </section>
      <div class="columns">
        <div>${peopleSection(page)} ${groupsSection(page)}</div>
        ${logOf(page.exchanges, page.basePath)}
      </div>`,
  ])

const peopleSection = ({ people }: DirectoryPage): Html =>
  html`<section class="card" aria-labelledby="people">
    <h2 id="people">People</h2>
    <ul class="rows people">
      ${people.map(
        ({ account, groups }) =>
          html`<li>
            <span class="avatar" aria-hidden="true">${initialsOf(account)}</span>
            <div class="who">
              <a href="${personPath(account)}">${nameOf(account)}</a>
              <small>${account.email || account.userName}</small>
              <small>
                ${account.active ? '' : deactivatedChip}
                ${groups.map(({ name }) => html`<span class="chip">${name}</span> `)}
              </small>
            </div>
            ${switchForm(account, 'list')}
          </li>`,
      )}
    </ul>
    <p><a class="button" href="${NEW_PERSON_PATH}">Add a person</a></p>
  </section>`

const groupsSection = ({ groups, typedName }: DirectoryPage): Html =>
  html`<section class="card" aria-labelledby="groups">
    <h2 id="groups">Groups</h2>
    <ul class="rows">
      ${groups.map(
        (group) =>
          html`<li>
            <div class="who">
              <a href="${groupPath(group)}">${group.name}</a>
              <small>${countOf(group.members.size)}</small>
            </div>
          </li>`,
      )}
    </ul>
    <form class="inline" method="post" action="${DIRECTORY_PATH}/groups">
      <div class="field">
        <label for="name">Name of a new group</label>
        <input id="name" name="name" required maxlength="100" value="${typedName}" />
      </div>
      <button class="button">Add the group</button>
    </form>
  </section>`

export interface PersonPage extends View {
  /** Null: a new person. */
  readonly account: Account | null
  readonly typed: Profile
  readonly groups: readonly Group[]
}

export const personPage = (page: PersonPage): Promise<Response> => {
  const { account, typed, groups } = page
  const form = html`<section class="card">
    ${account ? html`<h2>Profile</h2>` : ''}
    <form method="post" action="${account ? personPath(account) : NEW_PERSON_PATH}">
      <div class="fields">
        ${fields.map(
          ({ name, label, isRequired, type }) =>
            html`<div class="field">
              <label for="${name}">${label}</label>
              <input
                id="${name}"
                name="${name}"
                type="${type}"
                maxlength="100"
                autocomplete="off"
                value="${typed[name]}"
                ${isRequired ? 'required' : ''}
              />
            </div>`,
        )}
      </div>
      <button class="button">${account ? 'Save' : 'Add the person'}</button>
    </form>
  </section>`
  if (!account) return directoryLayout(page, 'Add a person', false, [form])
  return directoryLayout(page, nameOf(account), false, [
    form,
    html`<section class="card">
        <h2>Groups</h2>
        <ul class="rows">
          ${groups.map(
            (group) =>
              html`<li>
                <div class="who"><a href="${groupPath(group)}">${group.name}</a></div>
                ${memberForm(group, account, 'person')}
              </li>`,
          )}
        </ul>
      </section>
      <section class="card">
        <h2>Access</h2>
        <p>
          ${
            account.active
              ? 'Active. A deactivated person keeps their groups, and can be reactivated.'
              : 'Deactivated.'
          }
        </p>
        ${switchForm(account, 'person')}
        <p class="soft">Deleting removes the person here and in Gatehouse, and from all groups.</p>
        <form method="post" action="${personPath(account)}/remove">
          <button class="quiet">Delete ${nameOf(account)}</button>
        </form>
      </section>`,
  ])
}

const fields = [
  { name: 'givenName', label: 'Given name', isRequired: true, type: 'text' },
  { name: 'familyName', label: 'Family name', isRequired: true, type: 'text' },
  { name: 'userName', label: 'User name', isRequired: true, type: 'text' },
  { name: 'email', label: 'Email', isRequired: true, type: 'email' },
  { name: 'job', label: 'Job (optional)', isRequired: false, type: 'text' },
] as const

export interface GroupPage extends View {
  readonly group: Group
  readonly typedName: string
  readonly people: readonly Account[]
}

export const groupPage = (page: GroupPage): Promise<Response> => {
  const { group, typedName, people } = page
  return directoryLayout(page, group.name, false, [
    html`<section class="card">
        <h2>Name of the group</h2>
        <form class="inline" method="post" action="${groupPath(group)}">
          <div class="field">
            <label for="name">Name</label>
            <input id="name" name="name" required maxlength="100" value="${typedName}" />
          </div>
          <button class="button">Rename</button>
        </form>
      </section>
      <section class="card">
        <h2>Members</h2>
        <ul class="rows">
          ${people.map(
            (account) =>
              html`<li>
                <div class="who">
                  <a href="${personPath(account)}">${nameOf(account)}</a>
                  ${account.active ? '' : deactivatedChip}
                </div>
                ${memberForm(group, account, 'group')}
              </li>`,
          )}
        </ul>
      </section>
      <section class="card">
        <h2>Delete this group</h2>
        <p class="soft">The people stay, but lose access to what only this group may open.</p>
        <form method="post" action="${groupPath(group)}/remove">
          <button class="quiet">Delete ${group.name}</button>
        </form>
      </section>`,
  ])
}

/** @param from the page with this form, to which the browser returns. */
const switchForm = (account: Account, from: 'list' | 'person'): Html =>
  html`<form method="post" action="${personPath(account)}/active">
    <input type="hidden" name="from" value="${from}" />
    <button class="quiet" name="active" value="${account.active ? 'no' : 'yes'}">
      ${account.active ? 'Deactivate' : 'Reactivate'}<span class="unseen"> ${nameOf(account)}</span>
    </button>
  </form>`

const memberForm = (group: Group, account: Account, from: 'person' | 'group'): Html => {
  const isIn = group.members.has(account.id)
  return html`<form method="post" action="${groupPath(group)}/members">
    <input type="hidden" name="from" value="${from}" />
    <input type="hidden" name="person" value="${account.id}" />
    <button class="quiet" name="in" value="${isIn ? 'no' : 'yes'}">
      ${isIn ? 'Take out' : 'Put in'}<span class="unseen">
        ${from === 'group' ? nameOf(account) : group.name}</span
      >
    </button>
  </form>`
}

const directoryLayout = (
  view: View,
  title: string,
  isList: boolean,
  body: readonly Html[],
): Promise<Response> =>
  idpPage({
    status: view.status,
    title,
    path: isList ? DIRECTORY_PATH : null,
    siteUrl: null,
    shape: isList ? 'sheet wide' : 'sheet',
    body: html`${
      isList
        ? html`<p class="lead">
            What you change here is sent to Gatehouse at once, by SCIM, as Okta or Entra ID would.
          </p>`
        : ''
    }
    ${view.latest ? noticeOf(view.latest, view) : ''} ${body}`,
  })

const countOf = (members: number): string => (members === 1 ? '1 person' : `${members} people`)

export const NEW_PERSON_PATH = `${DIRECTORY_PATH}/people/new`
export const personPath = ({ id }: Account): string =>
  `${DIRECTORY_PATH}/people/${encodeURIComponent(id)}`
export const groupPath = ({ scimId }: Group): string =>
  `${DIRECTORY_PATH}/groups/${encodeURIComponent(scimId)}`
