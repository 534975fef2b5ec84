using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using NativeCnn.Cli;
using NativeCnn.Cli.Commands;
using NativeCnn.Cli.Downloads;
using NativeCnn.Cli.Output;
using NativeCnn.Storage;

namespace NativeCnn.Tests.Cli;

/// <summary>Fetching, against a server of the test's own.</summary>
public sealed class DownloadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_comes_whole_and_is_not_fetched_again()
    {
        using var server = new LoopbackServer { Files = { ["a.gz"] = Bytes(100_000) } };
        await Fetch(server, File("a.gz", 100_000));
        await Fetch(server, File("a.gz", 100_000));
        Assert.Equal(Bytes(100_000), System.IO.File.ReadAllBytes(_folder.At("a.gz")));
        Assert.Equal(["a.gz from 0"], server.Requests);
        Assert.Equal(["a.gz"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_breaks_is_taken_up_where_it_was(bool knowsRanges)
    {
        using var server = new LoopbackServer { Files = { ["a.gz"] = Bytes(300_000) }, KnowsRanges = knowsRanges };
        server.Breaks.Enqueue(100_000);
        server.Breaks.Enqueue(50_000);
        await Fetch(server, File("a.gz", 300_000));
        Assert.Equal(Bytes(300_000), System.IO.File.ReadAllBytes(_folder.At("a.gz")));
        Assert.Equal(3, server.Requests.Length);
        if (knowsRanges)
            Assert.DoesNotContain("a.gz from 0", server.Requests.Skip(1));
    }

    [Fact]
    public async Task What_has_come_is_kept_for_the_next_run()
    {
        using var server = new LoopbackServer { Files = { ["a.gz"] = Bytes(5000) } };
        for (int i = 0; i < 4; i++)
            server.Breaks.Enqueue(500);
        CommandException error = await Assert.ThrowsAsync<CommandException>(() => Fetch(server, File("a.gz", 5000)));
        Assert.Contains("run the command again", error.Message);
        Assert.False(System.IO.File.Exists(_folder.At("a.gz")));
        Assert.Equal(2000, new FileInfo(_folder.At("a.gz.part")).Length);
        await Fetch(server, File("a.gz", 5000));
        Assert.Equal("a.gz from 2000", server.Requests[^1]);
        Assert.Equal(Bytes(5000), System.IO.File.ReadAllBytes(_folder.At("a.gz")));
    }

    [Fact]
    public async Task All_of_a_part_needs_no_more()
    {
        using var server = new LoopbackServer { Files = { ["a.gz"] = Bytes(5000) } };
        System.IO.File.WriteAllBytes(_folder.At("a.gz.part"), Bytes(5000));
        await Fetch(server, File("a.gz", 5000));
        Assert.Equal(Bytes(5000), System.IO.File.ReadAllBytes(_folder.At("a.gz")));
    }

    [Fact]
    public async Task Another_content_is_refused_and_thrown_away()
    {
        using var server = new LoopbackServer { Files = { ["a.gz"] = Bytes(4999) } };
        CommandException error = await Assert.ThrowsAsync<CommandException>(() => Fetch(server, File("a.gz", 5000)));
        Assert.Contains("is not the file that its authors publish", error.Message);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task A_missing_file_is_asked_for_once()
    {
        using var server = new LoopbackServer();
        CommandException error = await Assert.ThrowsAsync<CommandException>(() => Fetch(server, File("a.gz", 5)));
        Assert.Contains("404", error.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task An_archive_is_unpacked_beside_itself_and_taken_away()
    {
        byte[] archive = Archive(("set/", null), ("set/a.bin", Bytes(3000)), ("set/inner/b.txt", Bytes(5)));
        using var server = new LoopbackServer { Files = { ["set.tar.gz"] = archive } };
        RemoteDataset set = new("set", "", [new("set.tar.gz", Md5(archive), "set")], "cifar");
        for (int run = 0; run < 2; run++)
            await DownloadCommand.FetchAsync(
                _client,
                set,
                server.Address,
                _folder.Path,
                new CommandOutput(TextWriter.Null, null),
                default
            );
        Assert.Equal(Bytes(3000), System.IO.File.ReadAllBytes(_folder.At("set/a.bin")));
        Assert.Equal(Bytes(5), System.IO.File.ReadAllBytes(_folder.At("set/inner/b.txt")));
        Assert.Equal(["set"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("../evil.txt")]
    [InlineData("set/../../evil.txt")]
    [InlineData("/tmp/nativecnn-evil.txt")]
    [InlineData("set//evil.txt")]
    [InlineData("other/evil.txt")]
    [InlineData("set\\..\\evil.txt")]
    public void A_path_that_leaves_the_folder_stops_the_unpacking(string name)
    {
        System.IO.File.WriteAllBytes(_folder.At("x.tar.gz"), Archive(("set/good", Bytes(3)), (name, Bytes(3))));
        var error = Assert.Throws<DataFormatException>(() =>
            ArchiveContent.Unpack(_folder.At("x.tar.gz"), _folder.Path, "set")
        );
        Assert.Contains("Nothing was unpacked", error.Message);
        Assert.Equal(["x.tar.gz"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.Fifo)]
    public void Links_and_devices_stop_the_unpacking(TarEntryType type)
    {
        using (FileStream file = System.IO.File.Create(_folder.At("x.tar.gz")))
        using (GZipStream zip = new(file, CompressionLevel.Fastest))
        using (TarWriter tar = new(zip, TarEntryFormat.Ustar))
        {
            UstarTarEntry entry = new(type, "set/link");
            if (type != TarEntryType.Fifo)
                entry.LinkName = "/etc/passwd";
            tar.WriteEntry(entry);
        }
        var error = Assert.Throws<DataFormatException>(() =>
            ArchiveContent.Unpack(_folder.At("x.tar.gz"), _folder.Path, "set")
        );
        Assert.Contains("neither a file nor a folder", error.Message);
        Assert.Equal(["x.tar.gz"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_damaged_archive_leaves_nothing()
    {
        byte[] archive = Archive(("set/a", Bytes(50_000)));
        System.IO.File.WriteAllBytes(_folder.At("x.tar.gz"), archive[..(archive.Length / 2)]);
        Assert.ThrowsAny<IOException>(() => ArchiveContent.Unpack(_folder.At("x.tar.gz"), _folder.Path, "set"));
        Assert.Equal(["x.tar.gz"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void The_command_takes_another_place_and_checks_what_it_sends()
    {
        using var server = new LoopbackServer { Files = { ["train-images-idx3-ubyte.gz"] = Bytes(100) } };
        CommandLine
            .Run("download", "mnist", _folder.At("new"), "--from", server.Address.ToString())
            .AssertError(1, "train-images-idx3-ubyte.gz", "is not the file that its authors publish", "--from");
        System.IO.File.WriteAllText(_folder.At("file"), "");
        CommandLine
            .Run("download", "mnist", _folder.At("file"))
            .AssertError(1, _folder.At("file"), "Choose another folder.");
        CommandLine.Run("download", "imagenet", _folder.Path).AssertError(2, "'imagenet'", "cifar100");
        CommandLine.Run("download", "mnist", _folder.Path, "--from", "ftp://x").AssertError(2, "ftp://x", "https://");
    }

    [Fact]
    public void Known_sets_come_by_https_with_a_checksum_for_each_file() =>
        Assert.All(
            RemoteDataset.Known,
            set =>
            {
                Assert.StartsWith("https://", set.Address);
                Assert.EndsWith("/", set.Address);
                Assert.All(set.Files, file => Assert.Matches("^[0-9a-f]{32}$", file.Checksum));
            }
        );

    private Task<string> Fetch(LoopbackServer server, RemoteFile file) =>
        new Download(_client, _folder.Path) { Pause = TimeSpan.Zero }.FetchAsync(
            new Uri(server.Address, file.Name),
            file,
            default
        );

    private static RemoteFile File(string name, int count) => new(name, Md5(Bytes(count)));

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 7 + i / 251))];

#pragma warning disable CA5351 // As the sets' authors publish them.
    private static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351

    private static byte[] Archive(params (string Name, byte[]? Content)[] entries)
    {
        using MemoryStream packed = new();
        using (GZipStream zip = new(packed, CompressionLevel.Fastest))
        using (TarWriter tar = new(zip, TarEntryFormat.Ustar))
        {
            foreach ((string name, byte[]? content) in entries)
            {
                UstarTarEntry entry = new(content is null ? TarEntryType.Directory : TarEntryType.RegularFile, name);
                if (content is not null)
                    entry.DataStream = new MemoryStream(content);
                tar.WriteEntry(entry);
            }
        }
        return packed.ToArray();
    }
}
