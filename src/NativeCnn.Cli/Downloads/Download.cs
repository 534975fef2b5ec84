using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace NativeCnn.Cli.Downloads;

/// <summary>
/// Fetches files. What has come is kept in NAME.part, and the next try goes on behind it; a file gets its name when its
/// checksum is right.
/// </summary>
internal sealed class Download(HttpClient client, string folder)
{
    private const int Tries = 4;

    // Far beyond any file that is fetched; a server cannot fill the disk.
    private const long LargestFile = 1L << 30;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>How long is waited before another try.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Fetches a file, unless it is there.</summary>
    /// <param name="address">The file's address.</param>
    /// <param name="file">What it is to be.</param>
    /// <param name="cancellation">Ends it; what has come is kept.</param>
    /// <returns>Where it is.</returns>
    /// <exception cref="CommandException">It cannot be had, or is not what its authors publish.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<string> FetchAsync(Uri address, RemoteFile file, CancellationToken cancellation)
    {
        string target = Path.Combine(folder, file.Name);
        if (File.Exists(target) && await ChecksumAsync(target, cancellation) == file.Checksum)
            return target;
        string part = target + ".part";
        for (int number = 1; ; number++)
        {
            try
            {
                await FetchPartAsync(address, part, cancellation);
                break;
            }
            catch (Exception e)
                when (e is HttpRequestException or HttpIOException or TimeoutException && number < Tries && IsPassing(e)
                )
            {
                await Task.Delay(Pause, cancellation);
            }
            catch (Exception e) when (e is HttpRequestException or HttpIOException or TimeoutException)
            {
                throw new CommandException(
                    $"{address} cannot be fetched: {e.Message.TrimEnd('.')}. What has come is kept; run the command again, or name another place with --from.",
                    cause: e
                );
            }
        }
        string found = await ChecksumAsync(part, cancellation);
        if (found != file.Checksum)
        {
            File.Delete(part);
            throw new CommandException(
                $"{address} is not the file that its authors publish: its MD5 is {found}, not {file.Checksum}. Run the command again, or name another place with --from."
            );
        }
        File.Move(part, target, overwrite: true);
        return target;
    }

    // What another try may mend: not a file that is not there.
    private static bool IsPassing(Exception e) =>
        e is not HttpRequestException { StatusCode: { } status } || (int)status >= 500;

    private async Task FetchPartAsync(Uri address, string part, CancellationToken cancellation)
    {
        long kept = File.Exists(part) ? new FileInfo(part).Length : 0;
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (kept > 0)
            request.Headers.Range = new RangeHeaderValue(kept, null);
        using HttpResponseMessage response = await client
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)
            .WaitAsync(s_patience, cancellation);
        // Nothing is behind what is there: the checksum says whether it is all.
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && kept > 0)
            return;
        response.EnsureSuccessStatusCode();
        bool goesOn =
            response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange is { From: { } from }
            && from == kept;
        if (response.StatusCode == HttpStatusCode.PartialContent && !goesOn)
            throw new HttpRequestException("the server sent another part of the file than was asked for");
        await using FileStream file = new(part, goesOn ? FileMode.Append : FileMode.Create, FileAccess.Write);
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation);
        byte[] buffer = new byte[1 << 16];
        while (true)
        {
            int count = await body.ReadAsync(buffer, cancellation).AsTask().WaitAsync(s_patience, cancellation);
            if (count == 0)
                return;
            if (file.Length + count > LargestFile)
                throw new CommandException(
                    $"{address} is larger than {LargestFile} bytes, which no data set's file is."
                );
            await file.WriteAsync(buffer.AsMemory(0, count), cancellation);
        }
    }

    private static async Task<string> ChecksumAsync(string path, CancellationToken cancellation)
    {
        await using FileStream file = File.OpenRead(path);
#pragma warning disable CA5351 // What the authors publish. It is to find damage; who sent the file, HTTPS vouches for.
        return Convert.ToHexStringLower(await MD5.HashDataAsync(file, cancellation));
#pragma warning restore CA5351
    }
}
