import { createHomeApp } from '../home/routes.ts'
import { answering } from './answering.ts'
import type { Answer, PartDeps } from './deps.ts'

export function create(deps: PartDeps): Answer {
  const { stores, readSession, config } = deps
  const { loginHost, sites, oauth } = config
  const hasOauth = oauth !== null
  return answering(deps, createHomeApp({ db: stores.db, readSession, loginHost, sites, hasOauth }))
}
