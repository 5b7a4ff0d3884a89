import { UnsupportedMediaTypeException } from '@nestjs/common';
import express, { type RequestHandler } from 'express';

const JSON_TYPE = 'application/json';
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses bodies that are not JSON with 415 (RFC 9110, 15.5.16), even empty forms. Pages of other sites can send forms
 * or plain text without a preflight request; for JSON browsers send one, which this server never grants.
 */
const jsonAlone: RequestHandler = ({ method, headers }, _response, next) => {
  const type = headers['content-type'];
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  const isJson = type?.split(';', 1)[0]?.trim().toLowerCase() === JSON_TYPE;
  if (WITHOUT_BODY.has(method) || isJson || (type === undefined && !hasBody)) return next();
  next(new UnsupportedMediaTypeException(`The body must be JSON, with the content type ${JSON_TYPE}.`));
};

const FORM_TYPE = 'application/x-www-form-urlencoded';
/** Where other servers send forms, as a standard prescribes; these requests are authorised by their content. */
const FORM_PATH = '/api/auth/backchannel-logout/';

const parseForm = express.urlencoded({ extended: false, type: FORM_TYPE });

/** A form or JSON, by the path. */
const formOrJson: RequestHandler = (request, response, next) =>
  (request.originalUrl.startsWith(FORM_PATH) ? parseForm : jsonAlone)(request, response, next);

/** The body parsers of the API, which accept JSON only, of at most `limit`, but for the paths of `FORM_PATH`. */
export const jsonBodies = (limit = '100kb'): readonly RequestHandler[] => [formOrJson, express.json({ limit })];
