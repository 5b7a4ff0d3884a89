import { UnsupportedMediaTypeException } from '@nestjs/common';
import express, { type RequestHandler } from 'express';

const JSON_TYPE = 'application/json';
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses with 415 (RFC 9110, 15.5.16) what is no JSON, an empty form too. A page of another site may send a form or
 * plain text without asking; for JSON its browser asks this server first, which never agrees.
 */
const jsonAlone: RequestHandler = ({ method, headers }, _response, next) => {
  const type = headers['content-type'];
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  const isJson = type?.split(';', 1)[0]?.trim().toLowerCase() === JSON_TYPE;
  if (WITHOUT_BODY.has(method) || isJson || (type === undefined && !hasBody)) return next();
  next(new UnsupportedMediaTypeException(`The body must be JSON, with the content type ${JSON_TYPE}.`));
};

/** For the routes of the API: parses JSON, and nothing else. */
export const jsonBodies: readonly RequestHandler[] = [jsonAlone, express.json()];
