using NativeCnn.Storage;
using NativeCnn.Tests.Data;

namespace NativeCnn.Tests.Formats;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_made_and_replaced_and_nothing_else_is_left()
    {
        string path = _folder.File("file");
        AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));
        AtomicFile.Write(path, stream => stream.Write([4]));
        Assert.Equal([4], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_failure_leaves_the_old_file_and_no_other()
    {
        string path = _folder.Write("file", 1, 2, 3);
        Assert.Throws<InvalidOperationException>(() =>
            AtomicFile.Write(
                path,
                stream =>
                {
                    stream.Write([9, 9, 9, 9]);
                    throw new InvalidOperationException();
                }
            )
        );
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_target_that_cannot_be_replaced_leaves_no_temporary_file()
    {
        string path = _folder.File("folder");
        Directory.CreateDirectory(path);
        Exception error = Assert.ThrowsAny<Exception>(() => AtomicFile.Write(path, stream => stream.Write([1])));
        Assert.True(error is IOException or UnauthorizedAccessException);
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        string path = Path.Combine(_folder.Path, "missing", "file");
        string message = Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(path, _ => { })).Message;
        Assert.Contains(Path.Combine(_folder.Path, "missing"), message, StringComparison.Ordinal);
    }
}
