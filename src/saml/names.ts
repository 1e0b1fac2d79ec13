/** Namespaces and identifiers of the specifications. */
export const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol'
export const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion'
export const DS = 'http://www.w3.org/2000/09/xmldsig#'
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance'
export const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#'
export const EXC_C14N_WITH_COMMENTS = 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments'
export const ENVELOPED_SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'
export const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
export const ENTITY_FORMAT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity'
/** Every status code of SAML begins with this (Core §3.2.2.2). */
export const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:'
export const STATUS_SUCCESS = `${STATUS}Success`
export const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata'
export const HTTP_POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'
export const HTTP_REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'
export const HTTP_ARTIFACT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact'
export const SOAP = 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP'
/** SOAP 1.1, the only version that SAML's binding has (Bindings §3.2). */
export const SOAP_ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/'
export const DEFLATE = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE'
export const XENC = 'http://www.w3.org/2001/04/xmlenc#'
export const XENC11 = 'http://www.w3.org/2009/xmlenc11#'
/** The Type of an EncryptedData that replaces one element (XML Encryption §3.1). */
export const XENC_ELEMENT = `${XENC}Element`
export const XENC_ENCRYPTED_KEY = `${XENC}EncryptedKey`
