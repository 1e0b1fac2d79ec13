/** Changes of a directory, at two isolates at the same time, of which none may be lost. */
import { patch, type NextPort, type Person, type Scim } from './person.ts'
import type { Tally } from './tally.ts'

export interface Changes {
  /** One after the other. @param due when it should begin. */
  readonly next: (due: number) => Promise<void>
  /** Fails the tally for each change that is lost. */
  readonly verify: () => Promise<void>
}

export async function createChanges(
  people: readonly Person[],
  scim: Scim,
  nextPort: NextPort,
  tally: Tally,
): Promise<Changes> {
  const made = await scim('POST', '/Groups', nextPort(), { displayName: 'counted' })
  const group = `/Groups/${String(made['id'])}`
  /** What was set last, by the id of the person. */
  const done = new Map<string, number>()
  const busy = new Set<string>()
  const members = new Set<string>()
  let count = 0

  async function changeTwice(due: number): Promise<void> {
    const nth = ++count
    const { id } = pick(people, nth)
    if (busy.has(id)) return
    busy.add(id)
    const set = (name: string) =>
      scim(
        'PATCH',
        `/Users/${id}`,
        nextPort(),
        patch({ op: 'replace', value: { [name]: `${name} ${nth}` } }),
      )
    const both = await tally.time('SCIM, two changes of one person at once', due, () =>
      Promise.all([set('title'), set('nickName')]),
    )
    if (both) done.set(id, nth)
    busy.delete(id)
  }

  /** Whether members are added or removed now: what overlaps has no order. */
  let isGroupBusy = false

  async function changeGroup(due: number): Promise<void> {
    if (isGroupBusy) return lookUp(due)
    isGroupBusy = true
    const left = people.filter(({ id }) => !members.has(id)).slice(0, 2)
    await (left.length === 0 ? removeAll(due) : addTwo(left, due))
    isGroupBusy = false
  }

  /** At two isolates at once. */
  async function addTwo(left: readonly Person[], due: number): Promise<void> {
    const add = async ({ id }: Person) => {
      const added = await tally.time('SCIM, members of one group added at once', due, () =>
        scim(
          'PATCH',
          group,
          nextPort(),
          patch({ op: 'add', path: 'members', value: [{ value: id }] }),
        ),
      )
      if (added) members.add(id)
    }
    await Promise.all(left.map(add))
  }

  async function removeAll(due: number): Promise<void> {
    const value = [...members].map((id) => ({ value: id }))
    const removed = await tally.time('SCIM, all members of a group removed', due, () =>
      scim('PATCH', group, nextPort(), patch({ op: 'remove', path: 'members', value })),
    )
    if (removed) members.clear()
  }

  async function lookUp(due: number): Promise<void> {
    const { userName } = pick(people, count)
    const filter = encodeURIComponent(`userName eq "${userName}"`)
    await tally.time('SCIM, a person looked up', due, async () => {
      const found = await scim('GET', `/Users?filter=${filter}`, nextPort())
      if (found['totalResults'] !== 1) throw new Error('the person is not found')
    })
  }

  const kinds = [changeTwice, changeGroup, lookUp]
  let turn = 0
  return {
    next: (due) => pick(kinds, turn++)(due),
    async verify() {
      for (const [id, nth] of done) {
        const { title, nickName } = await scim('GET', `/Users/${id}`, nextPort())
        if (title !== `title ${nth}` || nickName !== `nickName ${nth}`) {
          tally.fail('SCIM', 'a change of a person is lost')
        }
      }
      const { members: listed = [] } = await scim('GET', group, nextPort())
      const found = Array.isArray(listed) ? listed.map((each) => String(Object(each)['value'])) : []
      if (found.toSorted().join() !== [...members].toSorted().join()) {
        tally.fail('SCIM', `a group has ${found.length} members in place of ${members.size}`)
      }
    },
  }
}

/** One after the other, and from the beginning again. */
export function pick<T>(list: readonly T[], nth: number): T {
  const found = list[nth % list.length]
  if (found === undefined) throw new Error('the list is empty')
  return found
}
