/** A person's browser where a program asks for access: sign-in at a real identity provider, and consent. */
import { readForms, readRefresh } from '../html.ts'
import type { Browser, Page } from '../browser.ts'
import type { Person } from '../people.ts'

/** @returns the page of ours that asks. */
export async function openConsent(browser: Browser, url: string, person: Person): Promise<Page> {
  const { page } = await browser.visit(url, person)
  return page
}

/** Presses a button of the page, and goes on to the program. */
export async function answer(
  browser: Browser,
  page: Page,
  choice: 'allow' | 'refuse',
): Promise<Page> {
  const form = readForms(page.text).find(({ fields }) =>
    fields.some(({ name, value }) => name === 'choice' && value === choice),
  )
  if (!form) throw new Error(`there is no button for ${choice} at ${page.url}: ${page.status}`)
  const fields = form.fields.filter(({ name, value }) => name !== 'choice' || value === choice)
  const sent = await browser.submit(
    page.url,
    new URL(form.action, page.url).href,
    Object.fromEntries(fields.map(({ name, value }) => [name, value])),
  )
  const onward = sent.headers.location ?? readRefresh(sent.text)
  return onward === null ? sent : browser.go(new URL(onward, page.url).href)
}
