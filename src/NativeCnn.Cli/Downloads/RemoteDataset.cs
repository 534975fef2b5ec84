namespace NativeCnn.Cli.Downloads;

/// <summary>A file that a data set's authors publish.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Checksum">The MD5 that its authors give for it, in lower case.</param>
/// <param name="Content">The folder that it unpacks to, or null for a file that is read as it is.</param>
internal sealed record RemoteFile(string Name, string Checksum, string? Content = null);

/// <summary>A data set that can be fetched.</summary>
/// <param name="Name">What the command calls it.</param>
/// <param name="Address">Where its files are.</param>
/// <param name="Files">The files.</param>
/// <param name="Data">What <c>--data</c> calls its form.</param>
internal sealed record RemoteDataset(string Name, string Address, IReadOnlyList<RemoteFile> Files, string Data)
{
    private const string Toronto = "https://www.cs.toronto.edu/~kriz/";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<RemoteDataset> Known { get; } =
    [
        new(
            "mnist",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            [
                new("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
                new("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
                new("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
                new("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
            ],
            "mnist"
        ),
        new(
            "fashion-mnist",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            [
                new("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                new("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
                new("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
                new("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
            ],
            "mnist"
        ),
        new(
            "cifar10",
            Toronto,
            [new("cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530", "cifar-10-batches-bin")],
            "cifar"
        ),
        new(
            "cifar100",
            Toronto,
            [new("cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8", "cifar-100-binary")],
            "cifar"
        ),
    ];
}
