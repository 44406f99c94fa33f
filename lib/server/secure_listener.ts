/**
 * Accepts connections for TLS, with a certificate that can be renewed.
 *
 * In: a listener, a certificate and its key. Out: connections that shake hands
 * when they are first read. It knows nothing of HTTP.
 *
 * @module
 */
import { SecureConn, type SecureContext } from "./secure_conn.ts";
import {
  canServe,
  settingsFor,
  TlsEngine,
  type TlsSettings,
} from "./tls_engine.ts";

/** A certificate and its private key. */
export interface CertificatePair {
  /** The certificate chain in PEM, that of the server first. */
  cert: string;
  /** The private key of the first certificate, in PEM and not encrypted. */
  key: string;
}

/** The certificate that new connections get. */
export class ServerCertificate {
  #settings: TlsSettings;

  private constructor(settings: TlsSettings) {
    this.#settings = settings;
  }

  /**
   * Undefined where this Deno does not let TLS be driven so. Throws a TypeError
   * if the key does not belong to the certificate, or either cannot be used.
   */
  static of({ cert, key }: CertificatePair): ServerCertificate | undefined {
    const settings = settingsFor(cert, key);
    return canServe(settings) ? new ServerCertificate(settings) : undefined;
  }

  /** Takes another one for connections to come; one that is wrong throws. */
  renew({ cert, key }: CertificatePair): void {
    const settings = settingsFor(cert, key);
    if (!canServe(settings)) {
      throw new TypeError("Cannot serve TLS: the certificate cannot be used");
    }
    this.#settings = settings;
  }

  /** The server's side of a connection. */
  makeEngine(): TlsEngine {
    return TlsEngine.serve(this.#settings);
  }
}

/** A listener for TLS. */
export class SecureListener {
  readonly #listener: Deno.TcpListener;
  readonly #certificate: ServerCertificate;
  readonly #context: SecureContext;

  constructor(
    listener: Deno.TcpListener,
    certificate: ServerCertificate,
    context: SecureContext,
  ) {
    this.#listener = listener;
    this.#certificate = certificate;
    this.#context = context;
  }

  get addr(): Deno.NetAddr {
    return this.#listener.addr;
  }

  async accept(): Promise<Deno.Conn> {
    const conn = await this.#listener.accept();
    try {
      conn.setNoDelay(true);
    } catch {
      // The client is gone already, as the first read will tell.
    }
    const makeEngine = () => this.#certificate.makeEngine();
    return new SecureConn(conn, makeEngine, this.#context);
  }

  close(): void {
    this.#listener.close();
  }

  ref(): void {
    this.#listener.ref();
  }

  unref(): void {
    this.#listener.unref();
  }
}
