import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';
import type { ErrorCode } from '../../protocol/index.js';

/** Metadata keys from which `contract/read-routes.ts` reads the contract of the HTTP routes. */
export const ANSWERS = 'answers';
export const REFUSES = 'refuses';

/** An answer that is not JSON, or has no body. */
export interface OtherAnswer {
  /** Its description in the OpenAPI document. */
  readonly says: string;
  /** Schemas by media type. */
  readonly content?: Readonly<Record<string, z.ZodType>>;
  /** Descriptions of headers, by name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A schema stands for a JSON body. */
export type Answer = z.ZodType | OtherAnswer;
export type Answers = Readonly<Record<number, Answer>>;

export interface AnswersOptions {
  /** The codes that the handler and its services refuse with; those of guards, bodies and parameters are added. */
  readonly refuses?: readonly ErrorCode[];
  /** The schema of a query that no `@Query` parses. */
  readonly query?: z.ZodObject;
  /** How the request is authenticated, if not by an access token. */
  readonly security?: 'refreshCookie' | 'metricsToken';
}

export interface AnswersMetadata extends AnswersOptions {
  readonly summary: string;
  readonly answers: Answers;
}

type Value<Said> = Said extends z.ZodType ? Readonly<z.infer<Said>> : never;
type Values<Said extends Answers> = {
  [Status in keyof Said]: Said[Status] extends { readonly content: infer Content }
    ? Value<Content[keyof Content]>
    : Value<Said[Status]>;
}[keyof Said];
/** A handler that writes the response itself resolves to nothing. */
type Result<Said extends Answers> = Values<Said> | void;
type Handler<Said extends Answers> = (...parameters: never[]) => Promise<Result<Said>> | Result<Said>;

/**
 * Describes an HTTP route: a summary, and an answer for each status that its handler returns. The OpenAPI document is
 * generated from it, and tests compare every answer with it. The compiler checks the return type of the handler.
 */
export const Answers =
  <const Said extends Answers>(summary: string, answers: Said, options: AnswersOptions = {}) =>
  <Method extends Handler<Said>>(target: object, key: string, descriptor: TypedPropertyDescriptor<Method>): void => {
    const metadata: AnswersMetadata = { summary, answers, ...options };
    SetMetadata(ANSWERS, metadata)(target, key, descriptor);
  };

/** On a guard: the codes that it refuses requests with. */
export const Refuses = (...codes: readonly ErrorCode[]): ClassDecorator => SetMetadata(REFUSES, codes);
