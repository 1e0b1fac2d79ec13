/** The words for what `tryResponse` finds. */
import type { Remark } from '../../src/admin/responses.ts'
import { adviceOn } from '../audit/advice.ts'
import { explainSamlError } from '../../src/saml/index.ts'

export function explainRemark(remark: Remark): string {
  switch (remark.reason) {
    case 'saml': {
      const { error } = remark
      const command = adviceOn(error.reason, 'detail' in error ? error.detail : null)
      return [explainSamlError(error), ...(command === null ? [] : [command])].join(' ')
    }
    case 'found':
      return remark.says
    case 'request-unknown':
      return 'Only the browser that began the sign-in knows the request.'
    case 'connection-disabled':
      return `Enable it: \`npx gatehouse connection update ${remark.connection} --enable\``
    case 'connection-not-listed':
      return `${remark.host} does not list it in gatehouse.config.ts.`
    case 'groups-omitted':
      return 'The person has more than 150 groups, so Entra ID left them out: rules that need a group refuse. At Entra ID, choose "Groups assigned to the application".'
    case 'session-over':
      return 'The IdP says that its own session has ended (SessionNotOnOrAfter). Look at the clocks, and at how long its session is.'
    case 'foreign-domain':
      return `Another connection speaks for ${remark.domain}.`
    case 'user-disabled':
      return 'The user is disabled.'
    case 'several-provisioned':
      return `Several people of the directory have this subject. ${whoMatches(remark.connection)}`
    case 'not-provisioned':
      return `Nobody in the directory has this subject, and only provisioned people may sign in. ${whoMatches(remark.connection)}`
    case 'alike-provisioned':
      return `A person in the directory has this subject with letters beyond A to Z in another case, which counts. ${whoMatches(remark.connection)}`
    case 'no-name-id':
      return 'There is no NameID. Choose one at the IdP, or name an attribute: --subject-attribute.'
    case 'transient-subject':
      return 'The NameID is transient: it is another one at each sign-in. Ask for another format, or name an attribute: --subject-attribute.'
    case 'subject-attribute':
      return `The attribute "${remark.attribute}" should have one value that is not empty; it has ${remark.values} in all.`
  }
}

const whoMatches = (connection: string): string =>
  `See \`npx gatehouse join test ${connection} --all\``
