/*
 * What libxml2 and xmlsec1 make of a document. Frames over stdin and stdout: a 32-bit length, then
 * that many bytes; numbers are little-endian. The first byte of a question says what is asked:
 *
 *   K  a certificate in PEM               -> 1, or 0 when it cannot be read. Keys are numbered from 0.
 *   C  count, requests, document          -> 0 when refused; or 1, elements, and an answer each:
 *                                            a length and the canonical bytes
 *   V  key, sha1 allowed, document        -> 0 when refused; or 1, count, and a byte each for every
 *                                            Signature that is a child of the root or of one of its
 *                                            Assertions: 1 when it is good and over its parent
 *
 * A request of C: apex, omitted element (or NONE), with comments, length of the PrefixList, its
 * prefixes with blanks between. Elements are numbered in document order.
 */
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/valid.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#define NONE 0xffffffffu
#define MAX_KEYS 16
#define MAX_PREFIXES 4096

static xmlSecKeyPtr keys[MAX_KEYS];
static unsigned key_count;

typedef struct {
  unsigned char *bytes;
  size_t length, room;
} Buffer;

static void append(Buffer *to, const void *bytes, size_t length) {
  if (to->length + length > to->room) {
    to->room = (to->length + length) * 2;
    to->bytes = realloc(to->bytes, to->room);
    if (!to->bytes) abort();
  }
  memcpy(to->bytes + to->length, bytes, length);
  to->length += length;
}
static void append_byte(Buffer *to, unsigned char byte) { append(to, &byte, 1); }
static void append_number(Buffer *to, uint32_t number) { append(to, &number, 4); }

typedef struct {
  const unsigned char *at, *end;
} Reader;

static uint32_t read_number(Reader *from) {
  uint32_t number;
  if (from->end - from->at < 4) abort();
  memcpy(&number, from->at, 4);
  from->at += 4;
  return number;
}
static unsigned char read_byte(Reader *from) {
  if (from->at >= from->end) abort();
  return *from->at++;
}

/* Refused means: not well-formed, or not by the namespaces. */
static xmlDocPtr parse(Reader *from) {
  xmlParserCtxtPtr context = xmlNewParserCtxt();
  xmlDocPtr document =
      xmlCtxtReadMemory(context, (const char *)from->at, (int)(from->end - from->at), NULL, NULL,
                        XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  if (document && !(context->wellFormed && context->nsWellFormed)) {
    xmlFreeDoc(document);
    document = NULL;
  }
  xmlFreeParserCtxt(context);
  return document;
}

static xmlNodePtr next_element(xmlNodePtr node, xmlNodePtr root) {
  do {
    if (node->type == XML_ELEMENT_NODE && node->children) {
      node = node->children;
    } else {
      while (node != root && !node->next) node = node->parent;
      if (node == root) return NULL;
      node = node->next;
    }
  } while (node->type != XML_ELEMENT_NODE);
  return node;
}

typedef struct {
  xmlNodePtr apex, omitted;
} Part;

static int is_visible(void *data, xmlNodePtr node, xmlNodePtr parent) {
  const Part *part = data;
  if (node->type == XML_NAMESPACE_DECL || node->type == XML_ATTRIBUTE_NODE) node = parent;
  for (; node && node->type != XML_DOCUMENT_NODE; node = node->parent) {
    if (node == part->omitted) return 0;
    if (node == part->apex) return 1;
  }
  return 0;
}

static void canonicalize(Reader *from, Buffer *answer) {
  uint32_t count = read_number(from);
  struct {
    uint32_t apex, omitted;
    unsigned char with_comments;
    char *prefixes;
  } *requests = calloc(count ? count : 1, sizeof *requests);
  for (uint32_t i = 0; i < count; i++) {
    requests[i].apex = read_number(from);
    requests[i].omitted = read_number(from);
    requests[i].with_comments = read_byte(from);
    uint32_t length = read_number(from);
    if ((size_t)(from->end - from->at) < length) abort();
    requests[i].prefixes = strndup((const char *)from->at, length);
    from->at += length;
  }
  xmlDocPtr document = parse(from);
  append_byte(answer, document != NULL);
  if (document) {
    xmlNodePtr root = xmlDocGetRootElement(document);
    uint32_t elements = 0;
    for (xmlNodePtr at = root; at; at = next_element(at, root)) elements++;
    append_number(answer, elements);
    for (uint32_t i = 0; i < count; i++) {
      Part part = {NULL, NULL};
      uint32_t number = 0;
      for (xmlNodePtr at = root; at; at = next_element(at, root), number++) {
        if (number == requests[i].apex) part.apex = at;
        if (number == requests[i].omitted) part.omitted = at;
      }
      xmlChar *prefixes[MAX_PREFIXES + 1];
      size_t found = 0;
      for (char *word = strtok(requests[i].prefixes, " "); word && found < MAX_PREFIXES;
           word = strtok(NULL, " ")) {
        prefixes[found++] = BAD_CAST word;
      }
      prefixes[found] = NULL;
      xmlOutputBufferPtr out = xmlAllocOutputBuffer(NULL);
      int written = xmlC14NExecute(document, is_visible, &part, XML_C14N_EXCLUSIVE_1_0, prefixes,
                                   requests[i].with_comments, out);
      size_t length = written < 0 ? 0 : xmlOutputBufferGetSize(out);
      append_number(answer, (uint32_t)length);
      append(answer, xmlOutputBufferGetContent(out), length);
      xmlOutputBufferClose(out);
    }
    xmlFreeDoc(document);
  }
  for (uint32_t i = 0; i < count; i++) free(requests[i].prefixes);
  free(requests);
}

/* As `xmlsec1 --verify --id-attr:ID` has it, for elements of any name. */
static void register_ids(xmlDocPtr document) {
  xmlNodePtr root = xmlDocGetRootElement(document);
  for (xmlNodePtr at = root; at; at = next_element(at, root)) {
    xmlAttrPtr id = xmlHasNsProp(at, BAD_CAST "ID", NULL);
    xmlChar *value = id ? xmlNodeListGetString(document, id->children, 1) : NULL;
    if (value && !xmlGetID(document, value)) xmlAddID(NULL, document, value, id);
    xmlFree(value);
  }
}

static int is_over_parent(xmlSecDSigCtxPtr context, xmlNodePtr signature) {
  if (xmlSecPtrListGetSize(&context->signedInfoReferences) != 1) return 0;
  xmlSecDSigReferenceCtxPtr reference = xmlSecPtrListGetItem(&context->signedInfoReferences, 0);
  if (!reference->uri || reference->uri[0] != '#') return 0;
  xmlAttrPtr id = xmlGetID(signature->doc, reference->uri + 1);
  return id && id->parent == signature->parent;
}

static unsigned char verify_one(xmlNodePtr signature, xmlSecKeyPtr key, int sha1) {
  xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
  context->signKey = xmlSecKeyDuplicate(key);
  context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
  xmlSecTransformId transforms[] = {xmlSecTransformEnvelopedId, xmlSecTransformExclC14NId,
                                    xmlSecTransformExclC14NWithCommentsId};
  for (size_t i = 0; i < sizeof transforms / sizeof *transforms; i++) {
    xmlSecDSigCtxEnableReferenceTransform(context, transforms[i]);
    xmlSecDSigCtxEnableSignatureTransform(context, transforms[i]);
  }
  xmlSecTransformId digests[] = {xmlSecTransformSha256Id, xmlSecTransformSha384Id,
                                 xmlSecTransformSha512Id, xmlSecTransformSha1Id};
  xmlSecTransformId methods[] = {
      xmlSecTransformRsaSha256Id, xmlSecTransformRsaSha384Id, xmlSecTransformRsaSha512Id,
      xmlSecTransformEcdsaSha256Id, xmlSecTransformEcdsaSha384Id, xmlSecTransformEcdsaSha512Id,
      xmlSecTransformRsaSha1Id};
  for (size_t i = 0; i < sizeof digests / sizeof *digests - !sha1; i++)
    xmlSecDSigCtxEnableReferenceTransform(context, digests[i]);
  for (size_t i = 0; i < sizeof methods / sizeof *methods - !sha1; i++)
    xmlSecDSigCtxEnableSignatureTransform(context, methods[i]);
  int good = xmlSecDSigCtxVerify(context, signature) >= 0 &&
             context->status == xmlSecDSigStatusSucceeded && is_over_parent(context, signature);
  xmlSecDSigCtxDestroy(context);
  return (unsigned char)good;
}

static void verify_children(xmlNodePtr parent, xmlSecKeyPtr key, int sha1, Buffer *verdicts) {
  for (xmlNodePtr at = parent->children; at; at = at->next) {
    if (xmlSecCheckNodeName(at, xmlSecNodeSignature, xmlSecDSigNs))
      append_byte(verdicts, verify_one(at, key, sha1));
  }
}

/* Of assertions, also where one stands that is posted encrypted. */
static void verify_assertions(xmlNodePtr parent, xmlSecKeyPtr key, int sha1, Buffer *verdicts) {
  for (xmlNodePtr at = parent->children; at; at = at->next) {
    if (at->type != XML_ELEMENT_NODE) continue;
    if (xmlStrEqual(at->name, BAD_CAST "Assertion")) verify_children(at, key, sha1, verdicts);
    if (xmlStrEqual(at->name, BAD_CAST "EncryptedAssertion"))
      verify_assertions(at, key, sha1, verdicts);
  }
}

static void verify(Reader *from, Buffer *answer) {
  unsigned char key = read_byte(from), sha1 = read_byte(from);
  if (key >= key_count) abort();
  xmlDocPtr document = parse(from);
  append_byte(answer, document != NULL);
  if (!document) return;
  register_ids(document);
  Buffer verdicts = {NULL, 0, 0};
  xmlNodePtr root = xmlDocGetRootElement(document);
  verify_children(root, keys[key], sha1, &verdicts);
  verify_assertions(root, keys[key], sha1, &verdicts);
  append_number(answer, (uint32_t)verdicts.length);
  if (verdicts.length) append(answer, verdicts.bytes, verdicts.length);
  free(verdicts.bytes);
  xmlFreeDoc(document);
}

static void add_key(Reader *from, Buffer *answer) {
  xmlSecKeyPtr key =
      key_count == MAX_KEYS
          ? NULL
          : xmlSecCryptoAppKeyLoadMemory(from->at, (xmlSecSize)(from->end - from->at),
                                         xmlSecKeyDataFormatCertPem, NULL, NULL, NULL);
  if (key) keys[key_count++] = key;
  append_byte(answer, key != NULL);
}

/* Entities are replaced, as canonicalization wants it, but none from outside. */
static xmlParserInputPtr load_nothing(const char *url, const char *id, xmlParserCtxtPtr context) {
  (void)url, (void)id, (void)context;
  return NULL;
}

static void silent(void *context, const char *message, ...) {
  (void)context;
  (void)message;
}
static void silent_xmlsec(const char *file, int line, const char *function, const char *object,
                          const char *subject, int reason, const char *message) {
  (void)file, (void)line, (void)function, (void)object, (void)subject, (void)reason, (void)message;
}

int main(void) {
  xmlInitParser();
  xmlSetGenericErrorFunc(NULL, silent);
  xmlSetExternalEntityLoader(load_nothing);
  if (xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0) return 1;
  xmlSecErrorsSetCallback(silent_xmlsec);
  Buffer question = {NULL, 0, 0}, answer = {NULL, 0, 0};
  uint32_t length;
  while (fread(&length, 4, 1, stdin) == 1) {
    if (length > question.room) {
      question.bytes = realloc(question.bytes, question.room = length);
      if (!question.bytes) abort();
    }
    if (length == 0 || fread(question.bytes, 1, length, stdin) != length) return 1;
    Reader from = {question.bytes + 1, question.bytes + length};
    answer.length = 0;
    append_number(&answer, 0);
    switch (question.bytes[0]) {
      case 'K': add_key(&from, &answer); break;
      case 'C': canonicalize(&from, &answer); break;
      case 'V': verify(&from, &answer); break;
      default: return 1;
    }
    length = (uint32_t)answer.length - 4;
    memcpy(answer.bytes, &length, 4);
    if (fwrite(answer.bytes, 1, answer.length, stdout) != answer.length) return 1;
    fflush(stdout);
  }
  return 0;
}
