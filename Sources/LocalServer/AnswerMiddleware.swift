import ControlAPI
import Glibc
import HTTPTypes
import Hummingbird
import NIOCore

/// Refuses other users, and turns whatever is thrown below into an answer.
struct AnswerMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: ControlContext, next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        do {
            guard let peer = await PeerCredentials.of(context.channel), peer.user == geteuid() || peer.user == 0 else {
                throw ControlError(.refused, "only the user of the agent may ask it")
            }
            return try await next(request, context)
        } catch let error as ControlError {
            return try Self.response(error)
        } catch is NIOTooManyBytesError {
            return try Self.response(
                ControlError(.requestTooLong, "a request may have \(ControlLimits.requestBytes) bytes"))
        } catch let error as any HTTPResponseError {
            let code: ControlError.Code = error.status.code == 404 ? .unknownOperation : .malformed
            return try Self.response(
                ControlError(code, "no operation \(request.method.rawValue) \(DisplayText.printable(request.uri.path))")
            )
        } catch is CancellationError {
            return try Self.response(ControlError(.connectionLost, "the call was given up"))
        } catch {
            return try Self.response(ControlError(.failed, "the call failed: \(error)"))
        }
    }

    static func response(_ error: ControlError) throws(ControlError) -> Response {
        response(status: error.code.httpStatus, body: try ControlJSON.bytes(error))
    }

    static func response(status: Int, body: [UInt8]) -> Response {
        Response(
            status: HTTPResponse.Status(code: status), headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
