import { ownHeaders } from '../lib/own-headers.ts'

export const seeOther = (location: string): Response =>
  new Response(null, { status: 303, headers: { ...ownHeaders, Location: location } })
