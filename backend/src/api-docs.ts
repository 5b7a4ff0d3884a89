import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import express from 'express';
import { refuseOtherMethods } from './common/other-methods.js';
import { asyncApi } from './contract/async-api.js';
import { openApi } from './contract/open-api.js';

/** An application for the routes of the description, because routes cannot be added to one that listens. */
@Module({})
class DocsModule {}

/** Serves the OpenAPI description of the routes, pages that show it, and the AsyncAPI description of the socket. */
export async function describeApi(path: string): Promise<express.Express> {
  const docs = express();
  const shell = await NestFactory.create<NestExpressApplication>(DocsModule, new ExpressAdapter(docs), {
    logger: false,
    abortOnError: false,
  });
  const socket = asyncApi();
  docs.get(`${path}-asyncapi`, (_request, response) => void response.json(socket));
  const document = openApi();
  // Its type is that of OpenAPI 3.0, where a schema could say less.
  SwaggerModule.setup(path.slice(1), shell, document as unknown as OpenAPIObject);
  docs.use(refuseOtherMethods(docs));
  return docs;
}
