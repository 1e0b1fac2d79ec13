/** Where a site says who gives access to it (RFC 9728 §3.1). */
import { RESOURCE_METADATA_PATH } from '../lib/paths.ts'
import type { Host } from './host.ts'

const MOST_PATH = 200

/** @param pathname of what was asked for: clients compare the `resource` of the document with it. */
export const resourceMetadataUrl = ({ url }: Pick<Host, 'url'>, pathname: string): string => {
  const isNamed = pathname !== '/' && pathname.length <= MOST_PATH
  return url + RESOURCE_METADATA_PATH + (isNamed ? pathname : '')
}
